// SPDX-License-Identifier: Apache-2.0
#include "api/quota_documents.h"

#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr const char* default_user_quotas = "DEFAULT_USER_QUOTAS";
constexpr const char* default_group_quotas = "DEFAULT_GROUP_QUOTAS";

std::string wrapped(const char* name, const std::string& elements) {
  return fmt::format("<{0}>{1}</{0}>", name, elements);
}

// Limits for all who have none of their own: none, as long as there is no call to set them.
std::string default_quotas(const char* name) { return wrapped(name, quota_elements({})); }

std::string vlan_rules(const Group& group) {
  std::string document;
  XmlWriter out(document);
  out.open("VLAN_RULES");
  out.cdata("ID", std::to_string(group.id.value));
  write_attributes(out, group.vlan_rules);
  out.close("VLAN_RULES");
  return document;
}

template <class T>
std::string pool_quotas(const T& object) {
  return fmt::format("<QUOTAS><ID>{}</ID>{}</QUOTAS>", object.id, quota_elements(object.quotas));
}

}  // namespace

std::string quota_elements(const Quotas& quotas) {
  std::string elements;
  XmlWriter out(elements);
  write_fields(out, quotas, Form::shown);
  return elements;
}

std::string with_inside(std::string document, std::string_view root, std::string_view elements) {
  const std::size_t closing = root.size() + 3;  // </root>
  document.insert(document.size() - closing, elements);
  return document;
}

std::string info_document(const Context&, const Entry<User>& entry) {
  return with_inside(entry.document, User::root,
                     quota_elements(entry.object.quotas) + default_quotas(default_user_quotas));
}

std::string info_document(const Context&, const Entry<Group>& entry) {
  return with_inside(entry.document, Group::root,
                     quota_elements(entry.object.quotas) + vlan_rules(entry.object) +
                         default_quotas(default_group_quotas));
}

std::string info_document(const Context& call, const Entry<Host>& entry) {
  const auto newest = call.env.monitoring.newest(Monitored::host, entry.object.id.value);
  return with_inside(entry.document, Host::root, newest ? newest->body : "<MONITORING/>");
}

void append_to_pool(std::string& out, const Entry<User>& entry) {
  out += entry.document;
  out += pool_quotas(entry.object);
}

void append_to_pool(std::string& out, const Entry<Group>& entry) {
  out += entry.document;
  out += pool_quotas(entry.object);
  out += vlan_rules(entry.object);
}

void append_to_pool(std::string& out, const Entry<Host>& entry) {
  out += with_inside(entry.document, Host::root, "<MONITORING/>");
}

std::string pool_tail(ObjectType type) {
  if (type == ObjectType::user) return default_quotas(default_user_quotas);
  if (type == ObjectType::group) return default_quotas(default_group_quotas);
  return "";
}

}  // namespace nubo::api
