// SPDX-License-Identifier: Apache-2.0
// one.vm.allocate and one.template.instantiate (sheets api.md §7, vm-lifecycle.md §5.1, objects.md
// §5.2).
#include "api/vm_making.h"

#include <array>
#include <set>

#include "api/generic.h"
#include "api/template_copies.h"
#include "api/vm_life.h"

namespace nubo::api {
namespace {

template <class T>
void need_use(const Snapshot& state, std::vector<AuthRequest>& needs, int id) {
  const Ptr<T> object = state.find<T>(IdOf<T>{id});
  if (object) needs.push_back({Right::use, guard_of(*object)});
}

/// USE on every image, network, security group and VM group that the VM has been given.
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
  if (const Vector* member = vm.system.vector("VMGROUP")) {
    need_use<VmGroup>(state, needs, member->number<int>("VMGROUP_ID").value_or(-1));
  }
  return nubo::authorize(state, call.caller, needs);
}

}  // namespace

Result<Value> make_vm(Draft& draft, const Context& call, VmOrder order) {
  NUBO_TRY(const VmId id, create_vm(draft, order, call.env.vm_settings));
  NUBO_CHECK(authorize_parts(draft.view(), call, *draft.find<Vm>(id)));
  return id.value;
}

Status check_vm_extra(const Snapshot& state, const Context& call, const Template& extra,
                      const VmTemplate& base) {
  if (extra.empty()) return ok();
  NUBO_CHECK(authorize(state, call, {{Right::create, new_object(ObjectType::vm_template)}}));
  const std::string found =
      changed_restricted(restricted_names(call, ObjectType::vm_template), base.attributes, extra);
  if (found.empty()) return ok();
  return fail(Code::authorization, "User [{}] : User Template includes a restricted attribute {}.",
              call.caller.uid, found);
}

namespace {

Result<Value> vm_allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template attributes, parse_template(call.args.text(0)));
  NUBO_CHECK(check_restricted(call, ObjectType::vm, attributes));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::vm)}}));
  const bool on_hold = call.args.flag(1) || call.settings().config.yes("VM_SUBMIT_ON_HOLD");
  auto made = make_vm(draft, call,
                      {.owner = owned_by_caller(call, ""),
                       .attributes = std::move(attributes),
                       .on_hold = on_hold});
  const bool plain = made || made.error().code != Code::allocate;
  return plain ? made : allocate_failure(ObjectType::vm, made.error());
}

/// AS_UID and AS_GID: the VM is made for somebody else, if the caller manages him. User and group 0
/// are nobody to make VMs for.
Status apply_owner(Draft& draft, const Context& call, VmOrder& order) {
  const int uid = order.attributes.number<int>("AS_UID").value_or(0);
  const int gid = order.attributes.number<int>("AS_GID").value_or(0);
  order.attributes.erase("AS_UID");
  order.attributes.erase("AS_GID");
  if (uid > 0) {
    NUBO_TRY(const Ptr<User> user, permitted<User>(draft.view(), call, uid, Right::manage));
    order.owner.uid = user->id;
    order.owner.uname = user->name;
  }
  if (gid > 0) {
    NUBO_TRY(const Ptr<Group> group, permitted<Group>(draft.view(), call, gid, Right::manage));
    order.owner.gid = group->id;
    order.owner.gname = group->name;
  }
  return ok();
}

/// A VM of the template; `extra` is merged over it.
Result<Value> instantiate(Draft& draft, const Context& call, const VmTemplate& source,
                          const Template& extra) {
  VmOrder order{.owner = owned_by_caller(call, ""),
                .attributes = source.attributes,
                .on_hold = call.args.flag(2) || call.settings().config.yes("VM_SUBMIT_ON_HOLD")};
  order.attributes.merge(extra);
  NUBO_CHECK(apply_owner(draft, call, order));
  order.attributes.erase("NAME");
  if (const std::string& name = call.args.text(1); !name.empty())
    order.attributes.set("NAME", name);
  order.attributes.set("TEMPLATE_NAME", source.name);
  order.attributes.set("TEMPLATE_ID", std::to_string(source.id.value));
  auto made = make_vm(draft, call, std::move(order));
  const bool plain =
      made || (made.error().code != Code::internal && made.error().code != Code::allocate);
  return plain ? made : allocate_failure(ObjectType::vm_template, made.error());
}

/// A copy of the template with persistent images of its own, and a VM of the copy.
Result<Value> instantiate_persistent(Draft& draft, const Context& call, Ptr<VmTemplate> source,
                                     const Template& extra) {
  const std::string& name = call.args.text(1);
  const int origin = source->id.value;
  NUBO_TRY(const TemplateId copy,
           copy_template(draft, call,
                         {.source = source,
                          .name = name.empty() ? source->name + "-copy" : name,
                          .images = DiskImages::become_persistent,
                          .extra = extra}));
  Template origin_note;
  origin_note.set("CLONING_TEMPLATE_ID", std::to_string(origin));
  return instantiate(draft, call, *draft.find<VmTemplate>(copy), origin_note);
}

Result<Value> template_instantiate(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<VmTemplate> source,
           permitted<VmTemplate>(draft.view(), call, call.args.integer(0), Right::use));
  NUBO_TRY(const Template extra, parse_template(call.args.text(3)));
  if (source->attributes.yes("VROUTER")) {
    return fail(Code::action, "Virtual router templates cannot be instantiated");
  }
  NUBO_CHECK(check_vm_extra(draft.view(), call, extra, *source));
  if (call.args.flag(4)) return instantiate_persistent(draft, call, source, extra);
  return instantiate(draft, call, *source, extra);
}

}  // namespace

std::vector<Call> vm_making_calls() {
  return {
      {"one.vm.allocate", {a_template, {"hold", Type::flag, Value(false)}}, vm_allocate},
      {"one.template.instantiate",
       {an_id,
        a_name,
        {"hold", Type::flag, Value(false)},
        {"extra", Type::text, Value("")},
        {"persistent", Type::flag, Value(false)}},
       template_instantiate},
  };
}

}  // namespace nubo::api
