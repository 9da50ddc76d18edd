// SPDX-License-Identifier: Apache-2.0
#include "text/xml_reader.h"

#include <pugixml.hpp>

namespace nubo {
namespace {

constexpr int deepest = 64;

pugi::xml_node node_of(void* handle) {
  return pugi::xml_node(static_cast<pugi::xml_node_struct*>(handle));
}

XmlNode wrap(const pugi::xml_node& node) { return XmlNode(node.internal_object()); }

bool too_deep(const pugi::xml_node& root) {
  struct Depth final : pugi::xml_tree_walker {
    bool for_each(pugi::xml_node&) override { return depth() < deepest; }
  };

  Depth depth;
  pugi::xml_node start = root;
  return !start.traverse(depth);
}

}  // namespace

std::string_view XmlNode::name() const { return node_of(handle_).name(); }

std::string XmlNode::text() const {
  std::string joined;
  for (const pugi::xml_node& child : node_of(handle_)) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      joined.append(child.value());
    }
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

struct XmlDocument::Tree {
  pugi::xml_document document;
};

XmlDocument::XmlDocument() : tree_(std::make_unique<Tree>()) {}

XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

Result<XmlDocument> XmlDocument::parse(std::string_view text) {
  XmlDocument parsed;
  constexpr unsigned options =
      pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
  const pugi::xml_parse_result result =
      parsed.tree_->document.load_buffer(text.data(), text.size(), options, pugi::encoding_utf8);
  if (!result) {
    return fail(Code::internal, "XML malformed: {} at byte {}", result.description(),
                static_cast<long long>(result.offset));
  }
  for (const pugi::xml_node& child : parsed.tree_->document) {
    if (child.type() == pugi::node_doctype) {
      return fail(Code::internal, "XML malformed: document type not allowed at byte 0");
    }
  }
  if (too_deep(parsed.tree_->document)) {
    return fail(Code::internal, "XML malformed: more than {} levels deep at byte 0", deepest);
  }
  return parsed;
}

XmlNode XmlDocument::root() const { return wrap(tree_->document.document_element()); }

}  // namespace nubo
