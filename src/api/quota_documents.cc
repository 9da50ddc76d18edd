// SPDX-License-Identifier: Apache-2.0
#include "api/quota_documents.h"

#include "api/generic.h"

namespace nubo::api {
namespace {

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

std::string default_quotas(const Snapshot& state, ObjectType type) {
  const bool is_user = type == ObjectType::user;
  const auto defaults =
      state.find<DefaultQuotas>(is_user ? DefaultQuotas::of_users : DefaultQuotas::of_groups);
  return fmt::format("<{0}>{1}</{0}>",
                     is_user ? "DEFAULT_USER_QUOTAS" : "DEFAULT_GROUP_QUOTAS",
                     quota_elements(defaults ? defaults->quotas : Quotas{}));
}

std::string with_inside(std::string document, std::string_view root, std::string_view elements) {
  const std::size_t closing = root.size() + 3;  // </root>
  document.insert(document.size() - closing, elements);
  return document;
}

std::string info_document(const Context& call, const Entry<User>& entry) {
  return with_inside(
      entry.document, User::root,
      quota_elements(entry.object.quotas) + default_quotas(*call.snapshot, ObjectType::user));
}

std::string info_document(const Context& call, const Entry<Group>& entry) {
  return with_inside(entry.document, Group::root,
                     quota_elements(entry.object.quotas) + vlan_rules(entry.object) +
                         default_quotas(*call.snapshot, ObjectType::group));
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

std::string pool_tail(const Snapshot& state, ObjectType type) {
  const bool has_quotas = type == ObjectType::user || type == ObjectType::group;
  return has_quotas ? default_quotas(state, type) : "";
}

}  // namespace nubo::api
