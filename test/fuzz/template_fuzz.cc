// SPDX-License-Identifier: Apache-2.0
// Template text and XML as a client sends them: any input is read or refused, and what was read
// goes through text and through XML unchanged.
#include <algorithm>

#include "base/assert.h"
#include "text/template.h"
#include "text/xml_reader.h"
#include "text/xml_writer.h"

namespace nubo {
namespace {

bool is_text_name(std::string_view name) {
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == name.npos;
}

/// XML input may hold names that template text cannot.
bool fits_text(const Template& attributes) {
  return std::ranges::all_of(attributes, [](const Attribute& attribute) {
    const Vector* vector = attribute.vector();
    const bool keys_fit = !vector || std::ranges::all_of(*vector, [](const auto& entry) {
      return is_text_name(entry.first);
    });
    return is_text_name(attribute.name) && keys_fit;
  });
}

void check(const Template& attributes) {
  if (fits_text(attributes)) {
    const Result<Template> again = parse_template(to_text(attributes));
    NUBO_ASSERT(again && *again == attributes);
  }
  std::string xml = "<TEMPLATE>";
  XmlWriter out(xml);
  write_attributes(out, attributes);
  out.close("TEMPLATE");
  const Result<XmlDocument> document = XmlDocument::parse(xml);
  NUBO_ASSERT(document);
  Template stored = attributes;
  stored.drop_empty_vectors();
  Template read = read_attributes(document->root());
  for (const Attribute& attribute : attributes) {  // a vector without keys reads as an empty single
    if (attribute.vector() && attribute.vector()->empty()) return;
  }
  NUBO_ASSERT(read == stored);
}

}  // namespace
}  // namespace nubo

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto parsed = nubo::parse_template({reinterpret_cast<const char*>(data), size});
  if (parsed) nubo::check(*parsed);
  return 0;
}
