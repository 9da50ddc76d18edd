// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/libvirt_xml_writer.h"

#include "base/assert.h"
#include "text/xml_writer.h"

namespace nubo::kvm {
namespace {

std::string attribute_escape(std::string_view value) {
  std::string escaped = xml_escape(value);
  for (std::size_t at = escaped.find('\''); at != std::string::npos; at = escaped.find('\'', at)) {
    escaped.replace(at, 1, "&apos;");
  }
  return escaped;
}

}  // namespace

void DomainWriter::start(std::string_view name, Attributes attributes) {
  out_.append(open_.size(), '\t').append("<").append(name);
  for (const auto& [key, value] : attributes) attribute(key, value);
}

void DomainWriter::attribute(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out_.append(" ").append(name).append("='").append(attribute_escape(value)).append("'");
}

void DomainWriter::open(std::string_view name, Attributes attributes) {
  start(name, attributes);
  out_.append(">\n");
  open_.emplace_back(name);
}

void DomainWriter::close() {
  NUBO_ASSERT(!open_.empty());
  const std::string name = std::move(open_.back());
  open_.pop_back();
  out_.append(open_.size(), '\t').append("</").append(name).append(">\n");
}

void DomainWriter::empty(std::string_view name, Attributes attributes) {
  start(name, attributes);
  out_.append("/>\n");
}

void DomainWriter::empty(std::string_view name, const AttributeMap& attributes) {
  start(name, {});
  for (const auto& [key, value] : attributes) attribute(key, value);
  out_.append("/>\n");
}

void DomainWriter::text(std::string_view name, std::string_view value, Attributes attributes) {
  start(name, attributes);
  out_.append(">").append(xml_escape(value)).append("</").append(name).append(">\n");
}

void DomainWriter::raw(std::string_view xml) {
  out_.append(open_.size(), '\t').append(xml).append("\n");
}

}  // namespace nubo::kvm
