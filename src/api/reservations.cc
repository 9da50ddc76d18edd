// SPDX-License-Identifier: Apache-2.0
// one.vn.reserve (sheets api.md §7, objects.md §4.6).
#include "api/reservations.h"

#include "api/generic.h"
#include "model/reservations.h"

namespace nubo::api {
namespace {

struct Order {
  BlockRequest block;
  std::string name;                // of a new reservation
  std::optional<int> reservation;  // the one to be extended
};

Result<Order> order_in(const Context& call) {
  const auto given = parse_template(call.args.text(1));
  if (!given) return fail(Code::action, "{}", given.error().message);
  Order order;
  order.block.size = given->number<std::uint32_t>("SIZE").value_or(0);
  if (order.block.size == 0) {
    return fail(Code::action, "Reservation SIZE must be a greater than 0");
  }
  order.reservation = given->number<int>("NETWORK_ID");
  order.name = given->get("NAME");
  if (!order.reservation && order.name.empty()) {
    return fail(Code::action, "NAME for reservation has to be set");
  }
  Vector address;
  for (const char* key : {"IP", "IP6", "MAC", "AR_ID"}) {
    if (!given->get(key).empty()) address.set(key, given->get(key));
  }
  order.block.first = LeaseRequest::of(address);
  if (!order.block.first.address.empty() && !order.block.first.ar_id) {
    return fail(Code::action, "AR_ID must be specified for IP/MAC based reservations");
  }
  return order;
}

Status check_target(const VirtualNetwork& target, const VirtualNetwork& parent) {
  if (target.id == parent.id) {
    return fail(Code::action, "Cannot add a reservation from the same network");
  }
  if (target.parent_network_id != std::to_string(parent.id.value)) {
    return fail(Code::action, "Virtual network {} is not a reservation of virtual network {}",
                target.id, parent.id);
  }
  return ok();
}

/// The new network, described by its parent, as yet without addresses.
Result<VirtualNetworkId> make_reservation(Draft& draft, const Context& call,
                                          const VirtualNetwork& parent, const std::string& name) {
  NUBO_CHECK(check_name(name));
  VirtualNetwork made = parent;
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  made.state = NetworkState::ready;
  made.parent_network_id = std::to_string(parent.id.value);
  made.vlan_id_automatic = made.outer_vlan_id_automatic = false;
  made.used_leases = 0;
  made.vrouters = {};
  made.updated_vms = made.outdated_vms = made.updating_vms = made.error_vms = {};
  made.address_ranges = {};
  NUBO_TRY(const VirtualNetworkId id, draft.insert(std::move(made)));
  for (const ClusterId cluster : parent.clusters) {
    if (const auto holder = draft.edit<Cluster>(cluster)) (*holder)->networks.insert(id);
  }
  return id;
}

/// The reservation to be filled: an existing one that the caller manages, or a new one.
Result<VirtualNetworkId> target_of(Draft& draft, const Context& call, const Order& order,
                                   const VirtualNetwork& parent) {
  if (!order.reservation) return make_reservation(draft, call, parent, order.name);
  NUBO_TRY(const auto target,
           permitted<VirtualNetwork>(draft.view(), call, *order.reservation, Right::manage));
  NUBO_CHECK(check_target(*target, parent));
  return target->id;
}

Result<Value> reserve(Draft& draft, const Context& call) {
  NUBO_TRY(const Order order, order_in(call));
  const auto parent = draft.view().find<VirtualNetwork>(VirtualNetworkId{call.args.integer(0)});
  if (!parent) return no_such(names_of(ObjectType::network).message, -1);
  NUBO_CHECK(authorize(draft.view(), call, {{Right::use, guard_of(*parent)}}));
  if (!parent->parent_network_id.empty()) {
    return fail(Code::action, "Cannot reserve addresses from a reserved VNET");
  }
  NUBO_TRY(const VirtualNetworkId id, target_of(draft, call, order, *parent));
  NUBO_TRY(VirtualNetwork * source, draft.edit<VirtualNetwork>(parent->id));
  NUBO_TRY(Vector block, take_block(*source, order.block, {ObjectType::network, id.value}));
  NUBO_TRY(VirtualNetwork * target, draft.edit<VirtualNetwork>(id));
  add_block(*target, std::move(block));
  return Value(id.value);
}

}  // namespace

void give_back_range(Draft& draft, const VirtualNetwork& network, const AddressRange& range) {
  const auto parent_id = parse_number<int>(network.parent_network_id);
  if (!parent_id) return;
  const auto parent = draft.edit<VirtualNetwork>(VirtualNetworkId{*parent_id});
  if (parent) return_block(**parent, range, {ObjectType::network, network.id.value});
}

std::vector<Call> reservation_calls() {
  return {{"one.vn.reserve", {an_id, a_template}, reserve}};
}

}  // namespace nubo::api
