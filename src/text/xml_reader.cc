// SPDX-License-Identifier: Apache-2.0
#include "text/xml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <pugixml.hpp>
#include <system_error>

#include "base/utf8.h"
#include "text/trim.h"

namespace nubo {
namespace {

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

bool is_xml_ascii(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r');
}

/// Whether what follows an & names a character, be it one that valid_xml_prefix() refuses. pugixml
/// would end the text at &#0; and leave &nosuch; as it stands.
bool names_character(std::string_view reference) {
  constexpr std::string_view entities[] = {"lt;", "gt;", "amp;", "quot;", "apos;"};
  const auto begins = [reference](std::string_view entity) {
    return reference.starts_with(entity);
  };
  if (!reference.starts_with('#')) return std::ranges::any_of(entities, begins);
  const bool is_hex = reference.starts_with("#x");
  const std::string_view digits = reference.substr(is_hex ? 2 : 1);
  const char* const last = digits.data() + digits.size();
  std::uint32_t point = 0;
  const auto [end, error] = std::from_chars(digits.data(), last, point, is_hex ? 16 : 10);
  return error == std::errc{} && point > 0 && point <= 0x10FFFF && end != last && *end == ';';
}

/// Where the comment, CDATA section or instruction at `begin` ends; `begin` when none is there.
std::size_t verbatim_end(std::string_view text, std::size_t begin) {
  struct Kind {
    std::string_view begin, end;
  };

  constexpr Kind kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
  const std::string_view rest = text.substr(begin);
  for (const Kind& kind : kinds) {
    if (!rest.starts_with(kind.begin)) continue;
    return std::min(text.find(kind.end, begin + kind.begin.size()), text.size());
  }
  return begin;
}

bool has_bad_reference(std::string_view text) {
  if (text.find('&') == text.npos) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '&' && !names_character(text.substr(at + 1))) return true;
    if (text[at] == '<') at = verbatim_end(text, at);
  }
  return false;
}

/// What is wrong with a tree that pugixml has accepted; it is lenient about these.
class Check final : public pugi::xml_tree_walker {
 public:
  Check(std::string_view text, int deepest)
      : text_(text), deepest_(deepest), has_references_(text.find("&#") != text.npos) {}

  /// "" when nothing is wrong.
  std::string run(pugi::xml_document& document) {
    document.traverse(*this);
    if (problem_.empty() && !document.document_element()) problem_ = "no root element";
    if (problem_.empty() && has_bad_reference(text_)) problem_ = "invalid reference";
    return problem_;
  }

 private:
  bool for_each(pugi::xml_node& node) override {
    if (depth() == 0) check_top(node);
    if (depth() >= deepest_) problem_ = fmt::format("more than {} levels deep", deepest_);
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

  const std::string_view text_;
  const int deepest_;
  const bool has_references_;
  bool has_root_ = false;
  std::string problem_;
};

}  // namespace

std::size_t valid_xml_prefix(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    at = std::find_if_not(at, end, is_xml_ascii);
    const std::size_t length = at == end ? 0 : xml_sequence_length({at, end});
    if (length == 0) break;
    at += length;
  }
  return text.size() - static_cast<std::size_t>(end - at);
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

Result<XmlDocument> XmlDocument::parse(std::string_view text, int deepest) {
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
  if (const std::string problem = Check(text, deepest).run(document); !problem.empty()) {
    return fail(Code::internal, "XML malformed: {}", problem);
  }
  return parsed;
}

XmlNode XmlDocument::root() const { return wrap(tree_->document.document_element()); }

}  // namespace nubo
