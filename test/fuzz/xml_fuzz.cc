// SPDX-License-Identifier: Apache-2.0
// XML from clients, nodes and the database: what was read can be written and is read back equal.
#include "base/assert.h"
#include "text/xml_reader.h"
#include "text/xml_writer.h"

namespace nubo {
namespace {

void write(XmlWriter& out, const XmlNode& node) {
  if (!node.has_children()) return out.text(node.name(), node.text());
  out.open(node.name());
  for (const XmlNode& child : node.children()) write(out, child);
  out.close(node.name());
}

std::string written(const XmlDocument& document) {
  std::string xml;
  XmlWriter out(xml);
  write(out, document.root());
  return xml;
}

}  // namespace
}  // namespace nubo

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto document = nubo::XmlDocument::parse({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  const std::string once = nubo::written(*document);
  const auto again = nubo::XmlDocument::parse(once);
  NUBO_ASSERT(again && nubo::written(*again) == once);
  return 0;
}
