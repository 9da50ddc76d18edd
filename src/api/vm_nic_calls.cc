// SPDX-License-Identifier: Apache-2.0
// one.vm.attachnic, detachnic, updatenic, attachsg, detachsg (sheets api.md §7, vm-lifecycle.md
// §2.5).
#include <array>

#include "api/generic.h"
#include "api/vm_life.h"
#include "base/lists.h"
#include "flow/nic_changes.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

struct GivenNic {
  NicKind kind = NicKind::nic;
  Vector nic;
};

Result<GivenNic> given_nic(const Context& call) {
  const Error missing{Code::action, "Wrong format or missing NIC/NIC_ALIAS/PCI attribute"};
  constexpr std::array kinds{std::pair{"NIC", NicKind::nic},
                             std::pair{"NIC_ALIAS", NicKind::alias}};
  NUBO_TRY(const Template given, parse_template(call.args.text(1)));
  for (const auto& [name, kind] : kinds) {
    if (!given.vector(name)) continue;
    NUBO_TRY(Vector nic, given_vector(call, 1, name, missing));
    return GivenNic{kind, std::move(nic)};
  }
  const Vector* pci = given.vector("PCI");
  if (!pci) return Failure(missing);
  if (upper_case(pci->get("TYPE")) != "NIC") {
    return fail(Code::action, "PCI device is not of type NIC");
  }
  return fail(Code::action, "PCI devices of type NIC can only be given when the VM is made");
}

/// USE on the network and the security groups of the NIC that came last.
Status authorize_newest(const Draft& draft, const Context& call, const Vm& vm, NicKind kind) {
  const auto nics = vm.system.vectors(kind == NicKind::nic ? "NIC" : "NIC_ALIAS");
  if (nics.empty()) return ok();
  const Vector& nic = *nics.back();
  if (const auto id = nic.number<int>("NETWORK_ID")) {
    NUBO_CHECK(permitted<VirtualNetwork>(draft.view(), call, *id, Right::use));
  }
  for (const int id : parse_ids(nic.get("SECURITY_GROUPS"))) {
    if (!draft.find<SecurityGroup>(SecurityGroupId{id})) continue;
    NUBO_CHECK(permitted<SecurityGroup>(draft.view(), call, id, Right::use));
  }
  return ok();
}

Result<Value> attach(Draft& draft, const Context& call) {
  NUBO_TRY(GivenNic given, given_nic(call));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "nic-attach"));
  NUBO_CHECK(attach_nic(draft, {vm->id, caller_of(call)}, given.kind, std::move(given.nic),
                        call.env.vm_settings));
  NUBO_CHECK(authorize_newest(draft, call, *draft.find<Vm>(vm->id), given.kind));
  return vm->id.value;
}

Result<Value> detach(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "nic-attach"));
  NUBO_CHECK(detach_nic(draft, {vm->id, caller_of(call)}, call.args.integer(1)));
  return vm->id.value;
}

Result<Value> update_limits(Draft& draft, const Context& call) {
  const int nic = call.args.integer(1);
  NUBO_TRY(const Vm* const known, draft.get<Vm>(VmId{call.args.integer(0)}));
  NUBO_TRY(const Vector values,
           given_vector(call, 2, "NIC",
                        {Code::action,
                         fmt::format("Error updating NIC ({}) for VM {}: Wrong NIC definition, "
                                     "attribute is missing",
                                     nic, known->id)}));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, known->id.value, "nic-attach"));
  const auto mode = call.args.integer(3) == 1 ? BandwidthUpdate::append : BandwidthUpdate::replace;
  NUBO_CHECK(update_nic(draft, {vm->id, caller_of(call)}, nic, values, mode));
  return vm->id.value;
}

template <Status (*change)(Draft&, const GroupOrder&)>
Result<Value> change_group(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "sg-attach"));
  const SecurityGroupId group{call.args.integer(2)};
  if (draft.find<SecurityGroup>(group)) {
    NUBO_CHECK(permitted<SecurityGroup>(draft.view(), call, group.value, Right::use));
  }
  NUBO_CHECK(change(
      draft, {.change = {vm->id, caller_of(call)}, .nic = call.args.integer(1), .group = group}));
  return vm->id.value;
}

}  // namespace

std::vector<Call> vm_nic_calls() {
  const Parameter nic{"nic", Type::integer};
  const Parameter group{"group", Type::integer};
  return {
      {"one.vm.attachnic", {an_id, a_template}, attach},
      {"one.vm.detachnic", {an_id, nic}, detach},
      {"one.vm.updatenic",
       {an_id, nic, a_template, {"append", Type::integer, Value(0)}},
       update_limits},
      {"one.vm.attachsg", {an_id, nic, group}, change_group<attach_group>},
      {"one.vm.detachsg", {an_id, nic, group}, change_group<detach_group>},
  };
}

}  // namespace nubo::api
