// SPDX-License-Identifier: Apache-2.0
// one.vrouter.*, one.vrouterpool.* (sheets api.md §7, objects.md §5.1).
#include <algorithm>

#include "api/generic.h"
#include "api/vm_life.h"
#include "api/vm_making.h"
#include "flow/nic_changes.h"
#include "flow/router_nics.h"
#include "flow/vm_step.h"

namespace nubo::api {
namespace {

// --- NICs ---------------------------------------------------------------------------------------

/// Takes out what only the network may say of a NIC (VM_RESTRICTED_ATTR).
void drop_restricted(const Context& call, Vector& nic) {
  constexpr std::string_view prefix = "NIC/";
  for (const std::string& name : listed(call.settings().config, "VM_RESTRICTED_ATTR")) {
    if (name.starts_with(prefix)) nic.erase(name.substr(prefix.size()));
  }
}

Status authorize_nics(const Draft& draft, const Context& call, const VirtualRouter& router) {
  std::vector<AuthRequest> needs;
  for (const Vector* nic : router.attributes.vectors("NIC")) {
    const VirtualNetworkId id{nic->number<int>("NETWORK_ID").value_or(-1)};
    if (const auto network = draft.view().find<VirtualNetwork>(id)) {
      needs.push_back({Right::use, guard_of(*network)});
    }
    std::string_view groups = nic->get("SECURITY_GROUPS");
    while (!groups.empty()) {
      const std::string_view word = groups.substr(0, groups.find(','));
      groups.remove_prefix(std::min(groups.size(), word.size() + 1));
      const SecurityGroupId group{parse_number<int>(word).value_or(-1)};
      if (const auto found = draft.view().find<SecurityGroup>(group)) {
        needs.push_back({Right::use, guard_of(*found)});
      }
    }
  }
  return nubo::authorize(draft.view(), call.caller, needs);
}

int next_nic_id(const VirtualRouter& router) {
  int last = -1;
  for (const Vector* nic : router.attributes.vectors("NIC")) {
    last = std::max(last, nic->number<int>("NIC_ID").value_or(-1));
  }
  return last + 1;
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(
      authorize(draft.view(), call, {{Right::create, new_object(ObjectType::virtual_router)}}));
  const std::string name = given.get("NAME");
  NUBO_CHECK(check_name(name));
  given.erase("NAME");
  given.drop_empty_vectors();
  std::vector<Attribute> nics = given.take("NIC");
  VirtualRouter made;
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  made.attributes = std::move(given);
  NUBO_TRY(const VirtualRouterId id, draft.insert(std::move(made)));
  NUBO_TRY(VirtualRouter * router, draft.edit<VirtualRouter>(id));
  for (Attribute& each : nics) {
    if (!each.vector()) continue;
    drop_restricted(call, *each.vector());
    NUBO_CHECK(add_router_nic(draft, *router, std::move(*each.vector()), next_nic_id(*router)));
  }
  NUBO_CHECK(authorize_nics(draft, call, *router));
  return Value(id.value);
}

Result<Ptr<VirtualRouter>> managed(const Draft& draft, const Context& call) {
  return permitted<VirtualRouter>(draft.view(), call, call.args.integer(0), Right::manage);
}

/// Applies `change` (Status(const ChangeOrder&)) to all VMs of the router.
template <class Change>
Status change_each(const Draft& draft, const Context& call, const VirtualRouter& router,
                   Change change) {
  const IdSet<VmTag> vms = router.vms;
  for (const VmId id : vms) {
    if (draft.find<Vm>(id)) NUBO_CHECK(change(ChangeOrder{id, caller_of(call), true}));
  }
  return ok();
}

Result<Value> attachnic(Draft& draft, const Context& call) {
  NUBO_TRY(const auto router, managed(draft, call));
  NUBO_TRY(const Template given, parse_template(call.args.text(1)));
  if (given.vectors("NIC").size() != 1 || given.vector("NIC_ALIAS")) {
    return fail(Code::action, "The template must contain one NIC attribute");
  }
  Vector nic = *given.vector("NIC");
  drop_restricted(call, nic);
  NUBO_TRY(VirtualRouter * changed, draft.edit<VirtualRouter>(router->id));
  if (const Status added = add_router_nic(draft, *changed, std::move(nic), next_nic_id(*changed));
      !added) {
    return fail(Code::action, "{}", added.error().message);
  }
  NUBO_CHECK(authorize_nics(draft, call, *changed));
  const Vector made = *changed->attributes.vectors("NIC").back();
  NUBO_CHECK(change_each(draft, call, *changed, [&](const ChangeOrder& order) {
    return attach_nic(draft, order, NicKind::nic, made, call.env.vm_settings);
  }));
  return Value(router->id.value);
}

Result<Value> detachnic(Draft& draft, const Context& call) {
  const int nic_id = call.args.integer(1);
  NUBO_TRY(const auto router, managed(draft, call));
  const auto nics = router->attributes.vectors("NIC");
  if (std::ranges::none_of(
          nics, [nic_id](const Vector* nic) { return nic->number<int>("NIC_ID") == nic_id; })) {
    return fail(Code::action, "NIC with NIC_ID {} does not exist.", nic_id);
  }
  NUBO_CHECK(change_each(draft, call, *router, [&](const ChangeOrder& order) {
    return detach_nic(draft, order, nic_id);
  }));
  NUBO_TRY(VirtualRouter * changed, draft.edit<VirtualRouter>(router->id));
  remove_router_nic(draft, *changed, nic_id);
  return Value(router->id.value);
}

// --- VMs ----------------------------------------------------------------------------------------

Result<Ptr<VmTemplate>> template_for(const Draft& draft, const Context& call,
                                     const VirtualRouter& router) {
  int id = call.args.integer(2);
  if (id == -1) id = router.attributes.number<int>("TEMPLATE_ID").value_or(-1);
  if (id == -1) {
    return fail(Code::action,
                "A template ID was not provided, and the virtual router does not have a default "
                "one");
  }
  NUBO_TRY(auto base, permitted<VmTemplate>(draft.view(), call, id, Right::use));
  if (base->attributes.yes("VROUTER")) return base;
  return fail(Code::action, "Only virtual router templates are allowed");
}

/// The attributes of the router's VMs; the name still holds %i.
Template vm_attributes(const VirtualRouter& router, const VmTemplate& base, const Template& extra) {
  Template all = base.attributes;
  all.merge(extra);
  for (const char* name : {"NIC", "NIC_ALIAS", "NAME", "AS_UID", "AS_GID"}) {
    all.erase(name);
  }
  for (const Vector* nic : router.attributes.vectors("NIC")) all.add("NIC", *nic);
  all.set("VROUTER_ID", std::to_string(router.id.value));
  const std::string& keepalived = router.attributes.get("KEEPALIVED_ID");
  all.set("VROUTER_KEEPALIVED_ID",
          keepalived.empty() ? std::to_string(router.id.value % 255 + 1) : keepalived);
  const std::string& password = router.attributes.get("KEEPALIVED_PASSWORD");
  if (!password.empty()) all.set("VROUTER_KEEPALIVED_PASSWORD", password);
  all.set("TEMPLATE_ID", std::to_string(base.id.value));
  return all;
}

std::string numbered(std::string name, int number) {
  for (std::size_t at = name.find("%i"); at != std::string::npos; at = name.find("%i")) {
    name.replace(at, 2, std::to_string(number));
  }
  return name;
}

Result<Value> instantiate(Draft& draft, const Context& call) {
  NUBO_TRY(const auto router, managed(draft, call));
  NUBO_TRY(const Template extra, parse_template(call.args.text(5)));
  NUBO_TRY(const auto base, template_for(draft, call, *router));
  NUBO_CHECK(check_vm_extra(draft.view(), call, extra, *base));
  NUBO_TRY(VirtualRouter * changed, draft.edit<VirtualRouter>(router->id));
  changed->attributes.set("TEMPLATE_ID", std::to_string(base->id.value));
  std::string name = call.args.text(3);
  if (name.empty()) name = fmt::format("vr-{}-%i", router->name);
  const Template attributes = vm_attributes(*router, *base, extra);
  for (int number = 0; number < call.args.integer(1); ++number) {
    VmOrder order{
        .owner = owned_by_caller(call, ""), .attributes = attributes, .on_hold = call.args.flag(4)};
    order.attributes.set("NAME", numbered(name, number));
    const auto made = make_vm(draft, call, std::move(order));
    if (!made) return allocate_failure(ObjectType::virtual_router, made.error());
    changed->vms.insert(VmId{*made->as<int>()});
  }
  return Value(router->id.value);
}

/// Ends a VM as terminate-hard does, or by force where that is not possible.
Status end_vm(Draft& draft, const Vm& vm, const Context& call) {
  const VmEvent event =
      find_row(vm.states(), VmEvent::terminate_hard) ? VmEvent::terminate_hard : VmEvent::destroy;
  if (!find_row(vm.states(), event)) return ok();
  return step(draft, vm.id, event, caller_of(call));
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto router, managed(draft, call));
  const IdSet<VmTag> vms = router->vms;
  for (const VmId id : vms) {
    if (const auto vm = draft.view().find<Vm>(id)) NUBO_CHECK(end_vm(draft, *vm, call));
  }
  release_router_nics(draft, *router);
  erase_object<VirtualRouter>(draft, router->id);
  return Value(router->id.value);
}

// --- what the VMs share -------------------------------------------------------------------------

Status keep_nics(Draft&, const Context&, VirtualRouter& router, const Template& before) {
  router.attributes.erase("NIC");
  for (const Vector* nic : before.vectors("NIC")) router.attributes.add("NIC", *nic);
  return ok();
}

/// Applies `change` (void(Vm&)) to all VMs of the router.
template <class Change>
void change_vms(Draft& draft, const VirtualRouter& router, Change change) {
  for (const VmId id : router.vms) {
    if (const auto vm = draft.edit<Vm>(id)) change(**vm);
  }
}

Result<Value> change_owner(Draft& draft, const Context& call) {
  NUBO_TRY(const Value id, chown<VirtualRouter>(draft, call));
  const VirtualRouter& router = *draft.find<VirtualRouter>(VirtualRouterId{call.args.integer(0)});
  change_vms(draft, router, [&](Vm& vm) {
    if (call.args.integer(1) != -1) {
      vm.uid = router.uid;
      vm.uname = router.uname;
    }
    if (call.args.integer(2) != -1) {
      vm.gid = router.gid;
      vm.gname = router.gname;
    }
  });
  return id;
}

Result<Value> change_bits(Draft& draft, const Context& call) {
  NUBO_TRY(const Value id, chmod<VirtualRouter>(draft, call));
  const VirtualRouter& router = *draft.find<VirtualRouter>(VirtualRouterId{call.args.integer(0)});
  change_vms(draft, router, [&router](Vm& vm) { vm.permissions = router.permissions; });
  return id;
}

}  // namespace

std::vector<Call> virtual_router_calls() {
  using V = VirtualRouter;
  return {
      {"one.vrouter.allocate", {a_template}, allocate},
      {"one.vrouter.delete", {an_id}, remove},
      {"one.vrouter.info", {an_id, a_decrypt_flag}, info<V>},
      {"one.vrouter.update", {an_id, a_template, an_update_type}, update<V, keep_nics>},
      {"one.vrouter.rename", {an_id, a_name}, rename<V>},
      {"one.vrouter.chown", chown_parameters(), change_owner},
      {"one.vrouter.chmod", chmod_parameters(), change_bits},
      {"one.vrouter.lock", lock_parameters(), lock<V>},
      {"one.vrouter.unlock", {an_id}, unlock<V>},
      {"one.vrouter.instantiate",
       {an_id,
        {"n_vms", Type::integer},
        {"template", Type::integer},
        a_name,
        {"hold", Type::flag},
        {"extra", Type::text}},
       instantiate},
      {"one.vrouter.attachnic", {an_id, a_template}, attachnic},
      {"one.vrouter.detachnic", {an_id, {"nic", Type::integer}}, detachnic},
      {"one.vrouterpool.info", pool_parameters(), pool_info<V>},
  };
}

}  // namespace nubo::api
