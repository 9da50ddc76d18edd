// SPDX-License-Identifier: Apache-2.0
// one.vm.allocate and one.template.instantiate (sheets api.md §7, vm-lifecycle.md §5.1, objects.md
// §5.2).
#include <array>
#include <set>

#include "api/calls.h"
#include "api/restricted.h"
#include "api/vm_life.h"
#include "flow/vm_create.h"

namespace nubo::api {
namespace {

constexpr const char* vm_restricted = "VM_RESTRICTED_ATTR";

Failure refused(const Context& call, const std::string& what, const std::string& attribute) {
  return fail(Code::authorization, "User [{}] : {} includes a restricted attribute {}.",
              call.caller.uid, what, attribute);
}

template <class T>
void need_use(const Snapshot& state, std::vector<AuthRequest>& needs, int id) {
  const Ptr<T> object = state.find<T>(IdOf<T>{id});
  if (object) needs.push_back({Right::use, guard_of(*object)});
}

/// USE on every image, network and security group that the VM has been given.
Status authorize_parts(const Snapshot& state, const Context& call, const Vm& vm) {
  std::vector<AuthRequest> needs;
  for (const Vector* disk : vm.system.vectors("DISK")) {
    if (const auto id = disk->number<int>("IMAGE_ID")) need_use<Image>(state, needs, *id);
  }
  for (const char* kind : {"NIC", "NIC_ALIAS"}) {
    for (const Vector* nic : vm.system.vectors(kind)) {
      if (const auto id = nic->number<int>("NETWORK_ID")) {
        need_use<VirtualNetwork>(state, needs, *id);
      }
    }
  }
  for (const Vector* rule : vm.system.vectors("SECURITY_GROUP_RULE")) {
    if (const auto id = rule->number<int>("SECURITY_GROUP_ID")) {
      need_use<SecurityGroup>(state, needs, *id);
    }
  }
  return nubo::authorize(state, call.caller, needs);
}

Result<Value> make(Draft& draft, const Context& call, VmOrder order) {
  NUBO_TRY(const VmId id, create_vm(draft, order, call.env.vm_settings));
  NUBO_CHECK(authorize_parts(draft.view(), call, *draft.find<Vm>(id)));
  return id.value;
}

Result<Value> vm_allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template attributes, parse_template(call.args.text(0)));
  if (!call.caller.is_admin()) {
    const auto names = listed(call.settings().config, vm_restricted);
    const std::string found = first_restricted(names, attributes);
    // A vector's entry is named by its key.
    if (!found.empty()) return refused(call, "VM Template", found.substr(found.find('/') + 1));
  }
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::vm)}}));
  const bool on_hold = call.args.flag(1) || call.settings().config.yes("VM_SUBMIT_ON_HOLD");
  return make(draft, call,
              {.owner = owned_by_caller(call, ""),
               .attributes = std::move(attributes),
               .on_hold = on_hold});
}

Status check_extra(const Context& call, const Template& extra, const VmTemplate& base) {
  if (call.caller.is_admin()) return ok();
  const auto names = listed(call.settings().config, vm_restricted);
  const std::string found = changed_restricted(names, base.attributes, extra);
  if (!found.empty()) return refused(call, "User Template", found);
  return ok();
}

/// AS_UID and AS_GID: the VM is made for somebody else, if the caller manages him.
Status apply_owner(Draft& draft, const Context& call, VmOrder& order) {
  const auto uid = order.attributes.number<int>("AS_UID");
  const auto gid = order.attributes.number<int>("AS_GID");
  order.attributes.erase("AS_UID");
  order.attributes.erase("AS_GID");
  if (uid) {
    NUBO_TRY(const Ptr<User> user, permitted<User>(draft.view(), call, *uid, Right::manage));
    order.owner.uid = user->id;
    order.owner.uname = user->name;
  }
  if (gid) {
    NUBO_TRY(const Ptr<Group> group, permitted<Group>(draft.view(), call, *gid, Right::manage));
    order.owner.gid = group->id;
    order.owner.gname = group->name;
  }
  return ok();
}

Result<Value> template_instantiate(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<VmTemplate> source,
           permitted<VmTemplate>(draft.view(), call, call.args.integer(0), Right::use));
  NUBO_TRY(const Template extra, parse_template(call.args.text(3)));
  if (source->attributes.yes("VROUTER")) {
    return fail(Code::action, "Virtual router templates cannot be instantiated");
  }
  if (call.args.flag(4)) {
    return fail(Code::action, "Persistent instantiation is not available in this version");
  }
  NUBO_CHECK(check_extra(call, extra, *source));
  VmOrder order{.owner = owned_by_caller(call, ""),
                .attributes = source->attributes,
                .on_hold = call.args.flag(2) || call.settings().config.yes("VM_SUBMIT_ON_HOLD")};
  order.attributes.merge(extra);
  NUBO_CHECK(apply_owner(draft, call, order));
  order.attributes.erase("NAME");
  if (const std::string& name = call.args.text(1); !name.empty())
    order.attributes.set("NAME", name);
  order.attributes.set("TEMPLATE_NAME", source->name);
  order.attributes.set("TEMPLATE_ID", std::to_string(source->id.value));
  auto made = make(draft, call, std::move(order));
  const bool plain = made || made.error().code != Code::internal;
  return plain ? made : allocate_failure(ObjectType::vm_template, made.error());
}

}  // namespace

std::vector<Call> vm_making_calls() {
  return {
      {"one.vm.allocate", {a_template, {"hold", Type::flag, Value(false)}}, vm_allocate},
      {"one.template.instantiate",
       {an_id,
        {"name", Type::text, Value("")},
        {"hold", Type::flag, Value(false)},
        {"extra", Type::text, Value("")},
        {"persistent", Type::flag, Value(false)}},
       template_instantiate},
  };
}

}  // namespace nubo::api
