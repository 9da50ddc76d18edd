// SPDX-License-Identifier: Apache-2.0
#include "text/xml_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <pugixml.hpp>
#include <system_error>

#include "base/utf8.h"
#include "text/trim.h"

namespace nubo {
namespace {

constexpr int deepest = 64;

pugi::xml_node node_of(void* handle) {
  return pugi::xml_node(static_cast<pugi::xml_node_struct*>(handle));
}

XmlNode wrap(const pugi::xml_node& node) { return XmlNode(node.internal_object()); }

bool is_text(const pugi::xml_node& node) {
  return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

/// As utf8_sequence_length(), and 0 for U+FFFE and U+FFFF.
std::size_t xml_sequence_length(std::string_view text) {
  if (text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF")) return 0;
  return utf8_sequence_length(text);
}

std::size_t xml_character_length(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte >= 0x80) return xml_sequence_length(text);
  return byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r' ? 1 : 0;
}

/// Whether the digits of a reference, "0;" or "x1F;" and more, name a code point but 0, at which
/// pugixml would end the text.
bool names_character(std::string_view reference) {
  const bool is_hex = reference.starts_with('x');
  const std::string_view digits = reference.substr(is_hex ? 1 : 0);
  std::uint32_t point = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), point, is_hex ? 16 : 10);
  return error == std::errc{} && point > 0 && point <= 0x10FFFF &&
         std::string_view(end, digits.data() + digits.size()).starts_with(';');
}

bool has_bad_reference(std::string_view text) {
  constexpr std::string_view verbatim = "<![CDATA[";
  std::size_t section = text.find(verbatim);
  std::size_t at = text.find("&#");
  while (at != text.npos) {
    if (section < at) {
      const std::size_t end = text.find("]]>", section);
      section = text.find(verbatim, end);
      at = text.find("&#", end);
    } else if (!names_character(text.substr(at + 2))) {
      return true;
    } else {
      at = text.find("&#", at + 2);
    }
  }
  return false;
}

/// What is wrong with a tree that pugixml has accepted; it is lenient about these.
class Check final : public pugi::xml_tree_walker {
 public:
  explicit Check(std::string_view text)
      : has_references_(text.find("&#") != text.npos),
        problem_(has_bad_reference(text) ? "invalid character" : "") {}

  /// "" when nothing is wrong.
  std::string run(pugi::xml_document& document) {
    if (problem_.empty()) document.traverse(*this);
    if (problem_.empty() && !document.document_element()) problem_ = "no root element";
    return problem_;
  }

 private:
  bool for_each(pugi::xml_node& node) override {
    if (depth() == 0) check_top(node);
    if (depth() >= deepest) problem_ = fmt::format("more than {} levels deep", deepest);
    if (node.type() == pugi::node_doctype) problem_ = "document type not allowed";
    // Raw bytes were checked before; a character reference can still name what is not allowed.
    if (has_references_ && is_text(node)) check_text(node.value());
    return problem_.empty();
  }

  void check_top(const pugi::xml_node& node) {
    if (node.type() == pugi::node_element && std::exchange(has_root_, true)) {
      problem_ = "more than one root element";
    }
    if (is_text(node) && !trimmed(node.value()).empty()) problem_ = "text outside the root element";
  }

  void check_text(std::string_view text) {
    if (valid_xml_prefix(text) < text.size()) problem_ = "invalid character";
  }

  const bool has_references_;
  bool has_root_ = false;
  std::string problem_;
};

}  // namespace

std::size_t valid_xml_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = xml_character_length(text.substr(at));
    if (length == 0) break;
    at += length;
  }
  return at;
}

std::string_view XmlNode::name() const { return node_of(handle_).name(); }

std::string XmlNode::text() const {
  std::string joined;
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (is_text(child)) joined.append(child.value());
  }
  return joined;
}

XmlNode XmlNode::child(std::string_view name) const {
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (child.type() == pugi::node_element && child.name() == name) return wrap(child);
  }
  return {};
}

std::string XmlNode::get(std::string_view name) const { return child(name).text(); }

std::string XmlNode::attribute(std::string_view name) const {
  for (const pugi::xml_attribute& attribute : node_of(handle_).attributes()) {
    if (attribute.name() == name) return attribute.value();
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> XmlNode::attributes() const {
  std::vector<std::pair<std::string, std::string>> found;
  for (const pugi::xml_attribute& attribute : node_of(handle_).attributes()) {
    found.emplace_back(attribute.name(), attribute.value());
  }
  return found;
}

std::vector<XmlNode> XmlNode::children() const {
  std::vector<XmlNode> found;
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (child.type() == pugi::node_element) found.push_back(wrap(child));
  }
  return found;
}

std::vector<XmlNode> XmlNode::children(std::string_view name) const {
  std::vector<XmlNode> found;
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (child.type() == pugi::node_element && child.name() == name) found.push_back(wrap(child));
  }
  return found;
}

bool XmlNode::has_children() const {
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (child.type() == pugi::node_element) return true;
  }
  return false;
}

bool XmlNode::has_text() const {
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (is_text(child)) return true;
  }
  return false;
}

bool XmlNode::has_cdata() const {
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (child.type() == pugi::node_cdata) return true;
  }
  return false;
}

struct XmlDocument::Tree {
  pugi::xml_document document;
};

XmlDocument::XmlDocument() : tree_(std::make_unique<Tree>()) {}

XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

Result<XmlDocument> XmlDocument::parse(std::string_view text) {
  if (const std::size_t valid = valid_xml_prefix(text); valid < text.size()) {
    return fail(Code::internal, "XML malformed: invalid character at byte {}", valid);
  }
  XmlDocument parsed;
  constexpr unsigned options = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_doctype |
                               pugi::parse_ws_pcdata_single | pugi::parse_fragment;
  pugi::xml_document& document = parsed.tree_->document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
  if (!result) {
    return fail(Code::internal, "XML malformed: {} at byte {}", result.description(),
                static_cast<long long>(result.offset));
  }
  if (const std::string problem = Check(text).run(document); !problem.empty()) {
    return fail(Code::internal, "XML malformed: {}", problem);
  }
  return parsed;
}

XmlNode XmlDocument::root() const { return wrap(tree_->document.document_element()); }

}  // namespace nubo
