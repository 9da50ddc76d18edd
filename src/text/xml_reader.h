// SPDX-License-Identifier: Apache-2.0
// Reads untrusted XML into a tree that lives as long as its XmlDocument. Entities of a document
// type are never expanded: a text with <!DOCTYPE is refused. Line ends stay as they are written.
// pugixml stays behind xml_reader.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace nubo {

/// Length of the valid start of `text`: UTF-8 of characters that XML 1.0 allows, so no control
/// characters but tab, newline and carriage return.
std::size_t valid_xml_prefix(std::string_view text);

/// One element; cheap to copy; invalid after its document is gone. A null node answers "" and no
/// children to every question, so paths can be followed without checks.
class XmlNode {
 public:
  XmlNode() = default;

  explicit XmlNode(void* handle) : handle_(handle) {}

  explicit operator bool() const { return handle_ != nullptr; }

  std::string_view name() const;
  /// The text and CDATA directly inside the element, joined.
  std::string text() const;
  /// The first child element of that name, or a null node.
  XmlNode child(std::string_view name) const;
  /// The text of the first child element of that name, or "".
  std::string get(std::string_view name) const;
  /// The value of an attribute, or "".
  std::string attribute(std::string_view name) const;
  /// All attributes as (name, value), in order.
  std::vector<std::pair<std::string, std::string>> attributes() const;
  /// All child elements, in order; with a name only those of that name.
  std::vector<XmlNode> children() const;
  std::vector<XmlNode> children(std::string_view name) const;
  /// Whether it has child elements.
  bool has_children() const;
  /// Whether it has text or CDATA directly inside, be it an empty section.
  bool has_text() const;
  /// Whether it has a CDATA section, an empty one included: <X><![CDATA[]]></X> is an empty value,
  /// <X/> none.
  bool has_cdata() const;

 private:
  void* handle_ = nullptr;  // pugi::xml_node_struct
};

class XmlDocument {
 public:
  /// Code::internal "XML malformed: <why> [at byte N]". One root element, elements at most
  /// `deepest` levels deep.
  static Result<XmlDocument> parse(std::string_view text, int deepest = 64);

  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;
  ~XmlDocument();

  XmlNode root() const;

 private:
  XmlDocument();
  struct Tree;
  std::unique_ptr<Tree> tree_;
};

}  // namespace nubo
