// SPDX-License-Identifier: Apache-2.0
#include "text/packed_template.h"

#include "text/xml_writer.h"

namespace nubo {
namespace {

constexpr std::string_view section_start = "<![CDATA[";
constexpr std::string_view section_end = "]]>";

/// Reads what write_attributes() wrote, and nothing else, from front to back.
class Elements {
 public:
  explicit Elements(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  /// `<name>`
  std::string_view open() {
    const std::string_view name = rest_.substr(1, rest_.find('>') - 1);
    rest_.remove_prefix(name.size() + 2);
    return name;
  }

  /// `</name>`
  void close(std::string_view name) { rest_.remove_prefix(name.size() + 3); }

  bool is_at_value() const { return rest_.starts_with(section_start); }

  bool is_at_close() const { return rest_.starts_with("</"); }

  /// One value: several sections when it holds the mark that ends one.
  std::string value() {
    std::string text;
    while (is_at_value()) text += section();
    return text;
  }

  /// Passes over what stands in the element.
  void skip_content() {
    while (!is_at_close()) {
      if (is_at_value()) {
        section();
      } else {
        const std::string_view name = open();
        skip_content();
        close(name);
      }
    }
  }

 private:
  std::string_view section() {
    rest_.remove_prefix(section_start.size());
    const std::string_view text = rest_.substr(0, rest_.find(section_end));
    rest_.remove_prefix(text.size() + section_end.size());
    return text;
  }

  std::string_view rest_;
};

Attribute read_attribute(Elements& elements) {
  const std::string_view name = elements.open();
  Attribute attribute{std::string(name), {}};
  if (elements.is_at_value()) {
    attribute.value = elements.value();
  } else {
    Vector vector;
    while (!elements.is_at_close()) {
      const std::string_view key = elements.open();
      vector.set(std::string(key), elements.value());
      elements.close(key);
    }
    attribute.value = std::move(vector);
  }
  elements.close(name);
  return attribute;
}

}  // namespace

PackedTemplate::PackedTemplate(const Template& attributes) {
  if (attributes.empty()) return;
  std::string text;
  XmlWriter out(text);
  write_attributes(out, attributes);
  text.shrink_to_fit();
  elements_ = std::make_shared<const std::string>(std::move(text));
}

bool PackedTemplate::contains(std::string_view name) const {
  for (Elements elements(this->elements()); !elements.at_end();) {
    const std::string_view each = elements.open();
    if (each == name) return true;
    elements.skip_content();
    elements.close(each);
  }
  return false;
}

std::string PackedTemplate::get(std::string_view name) const {
  for (Elements elements(this->elements()); !elements.at_end();) {
    const std::string_view each = elements.open();
    if (each == name && elements.is_at_value()) return elements.value();
    elements.skip_content();
    elements.close(each);
  }
  return {};
}

void PackedTemplate::set(std::string_view name, std::string value) {
  Template all = unpack();
  all.set(name, std::move(value));
  *this = all;
}

void PackedTemplate::erase(std::string_view name) {
  if (!contains(name)) return;
  Template all = unpack();
  all.erase(name);
  *this = all;
}

Template PackedTemplate::unpack() const {
  std::vector<Attribute> attributes;
  for (Elements elements(this->elements()); !elements.at_end();) {
    attributes.push_back(read_attribute(elements));
  }
  return Template(std::move(attributes));
}

}  // namespace nubo
