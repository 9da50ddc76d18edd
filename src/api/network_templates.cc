// SPDX-License-Identifier: Apache-2.0
// one.vntemplate.*, one.vntemplatepool.* (sheets api.md §7, objects.md §5.3).
#include "api/generic.h"
#include "api/network_template.h"
#include "api/vlan_rules.h"
#include "base/lists.h"

namespace nubo::api {
namespace {

constexpr ClusterId default_cluster{0};

Result<NetworkTemplateId> store(Draft& draft, const Context& call, NetworkTemplate made) {
  NUBO_CHECK(check_name(made.name));
  static_cast<Owned&>(made) = owned_by_caller(call, made.name);
  made.registration_time = draft.now();
  return draft.insert(std::move(made));
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(
      authorize(draft.view(), call, {{Right::create, new_object(ObjectType::network_template)}}));
  NetworkTemplate made;
  made.name = given.get("NAME");
  given.erase("NAME");
  given.drop_empty_vectors();
  const bool has_driver = !given.get("VN_MAD").empty();
  made.attributes = std::move(given);
  NUBO_TRY(const NetworkTemplateId id, store(draft, call, std::move(made)));
  if (!has_driver) return fail(Code::internal, "No VN_MAD in template for Virtual Network.");
  return Value(id.value);
}

/// Asks USE on the source as well, where oned is content with CREATE (api.md §7, "Flaw").
Result<Value> clone(Draft& draft, const Context& call) {
  NUBO_TRY(const auto source,
           draft.view().get<NetworkTemplate>(NetworkTemplateId{call.args.integer(0)}));
  NUBO_CHECK(authorize(draft.view(), call,
                       {{Right::use, guard_of(*source)},
                        {Right::create, new_object(ObjectType::network_template)}}));
  NetworkTemplate copy;
  copy.name = call.args.text(1);
  copy.attributes = source->attributes;
  NUBO_TRY(const NetworkTemplateId id, store(draft, call, std::move(copy)));
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto object,
           permitted<NetworkTemplate>(draft.view(), call, call.args.integer(0), Right::manage));
  erase_object<NetworkTemplate>(draft, object->id);
  return Value(object->id.value);
}

// --- instantiate --------------------------------------------------------------------------------

Status check_extra(const Context& call, const Template& extra) {
  const std::string found = first_restricted(restricted_names(call, ObjectType::network), extra);
  if (found.empty()) return ok();
  return fail(Code::authorization, "User [{}] : Extra Template includes a restricted attribute {}.",
              call.caller.uid, found);
}

/// The template's attributes with those of the call: address ranges are added, all else replaced.
Template combined(const NetworkTemplate& source, Template extra) {
  Template all = source.attributes;
  std::vector<Attribute> ranges = extra.take("AR");
  all.merge(extra);
  for (Attribute& range : ranges) all.add(std::move(range));
  all.drop_empty_vectors();
  return all;
}

/// AS_UID and AS_GID: the network is made for somebody else, if the caller manages him.
Status apply_owner(const Draft& draft, const Context& call, Template& attributes, Owned& owner) {
  if (const auto uid = attributes.number<int>("AS_UID")) {
    NUBO_TRY(const Ptr<User> user, permitted<User>(draft.view(), call, *uid, Right::manage));
    owner.uid = user->id;
    owner.uname = user->name;
  }
  if (const auto gid = attributes.number<int>("AS_GID")) {
    NUBO_TRY(const Ptr<Group> group, permitted<Group>(draft.view(), call, *gid, Right::manage));
    owner.gid = group->id;
    owner.gname = group->name;
  }
  attributes.erase("AS_UID");
  attributes.erase("AS_GID");
  return ok();
}

std::set<ClusterId> clusters_in(const Draft& draft, const Template& attributes) {
  if (!attributes.contains("CLUSTER_IDS")) return {default_cluster};
  std::set<ClusterId> clusters;
  for (const std::string_view word : split(attributes.get("CLUSTER_IDS"))) {
    const ClusterId id{parse_number<int>(word).value_or(-1)};
    if (draft.find<Cluster>(id)) clusters.insert(id);
  }
  return clusters;
}

Result<VirtualNetworkId> make_network(Draft& draft, const Context& call,
                                      const NetworkTemplate& source, Template attributes) {
  const std::string& name = call.args.text(1);
  VirtualNetwork made;
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  NUBO_CHECK(apply_owner(draft, call, attributes, made));
  if (!name.empty()) NUBO_CHECK(check_name(name));
  made.clusters = clusters_in(draft, attributes);
  made.state = NetworkState::ready;
  made.template_id = std::to_string(source.id.value);
  std::vector<Attribute> ranges = attributes.take("AR");
  NUBO_TRY(const VirtualNetworkId id, draft.insert(std::move(made)));
  NUBO_TRY(VirtualNetwork * network, draft.edit<VirtualNetwork>(id));
  if (name.empty()) network->name = fmt::format("{}-{}", source.name, id);
  NUBO_CHECK(describe_network(*network, std::move(attributes), {draft.view(), call.settings()}));
  add_ranges(draft, *network, std::move(ranges), call);
  for (const ClusterId cluster : network->clusters) {
    (*draft.edit<Cluster>(cluster))->networks.insert(id);
  }
  return id;
}

Result<Value> instantiate(Draft& draft, const Context& call) {
  NUBO_TRY(const auto source,
           draft.view().get<NetworkTemplate>(NetworkTemplateId{call.args.integer(0)}));
  NUBO_TRY(Template extra, parse_template(call.args.text(2)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::use, guard_of(*source)}}));
  NUBO_CHECK(check_extra(call, extra));
  extra.erase("NAME");
  Template attributes = combined(*source, std::move(extra));
  NUBO_CHECK(check_vlans(call, attributes, source->attributes));
  const auto made = make_network(draft, call, *source, std::move(attributes));
  if (made) return Value(made->value);
  if (made.error().code != Code::internal) return Failure(made.error());
  return allocate_failure(ObjectType::network_template, made.error());
}

}  // namespace

std::vector<Call> network_template_calls() {
  using N = NetworkTemplate;
  return {
      {"one.vntemplate.allocate", {a_template}, allocate},
      {"one.vntemplate.clone", {an_id, a_name}, clone},
      {"one.vntemplate.delete", {an_id}, remove},
      {"one.vntemplate.info", {an_id, a_decrypt_flag}, info<N>},
      {"one.vntemplate.update", {an_id, a_template, an_update_type}, update<N>},
      {"one.vntemplate.rename", {an_id, a_name}, rename<N>},
      {"one.vntemplate.chown", chown_parameters(), chown<N>},
      {"one.vntemplate.chmod", chmod_parameters(), chmod<N>},
      {"one.vntemplate.lock", lock_parameters(), lock<N>},
      {"one.vntemplate.unlock", {an_id}, unlock<N>},
      {"one.vntemplate.instantiate", {an_id, a_name, {"extra", Type::text}}, instantiate},
      {"one.vntemplatepool.info", pool_parameters(), pool_info<N>},
  };
}

}  // namespace nubo::api
