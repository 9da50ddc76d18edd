// SPDX-License-Identifier: Apache-2.0
// one.vn.*, one.vnpool.* (sheets api.md §7, objects.md §4).
#include <algorithm>
#include <array>

#include "api/generic.h"
#include "api/network_template.h"
#include "api/reservations.h"
#include "api/vlan_rules.h"
#include "auth/digest.h"
#include "flow/network_changes.h"
#include "model/address_ranges.h"
#include "model/leases.h"

namespace nubo::api {
namespace {

constexpr ClusterId default_cluster{0};

/// The blocks of MACs that ranges have; those of reservations lie in their parents'.
std::set<std::uint32_t> blocks_in_use(const Snapshot& state) {
  std::set<std::uint32_t> blocks;
  state.pool<VirtualNetwork>().for_each([&blocks](const Entry<VirtualNetwork>& entry) {
    for (const AddressRange& range : entry.object.address_ranges.ranges) {
      if (const auto block = mac_block(range)) blocks.insert(*block);
    }
  });
  return blocks;
}

RangeDefaults range_defaults(const Snapshot& state, const Context& call) {
  RangeDefaults defaults{.random = random_number()};
  const Template& config = call.settings().config;
  if (const std::string& prefix = config.get("MAC_PREFIX"); !prefix.empty()) {
    defaults.mac_prefix = prefix;
  }
  if (config.yes("MAC_GLOBAL_SPACE")) defaults.taken_blocks = blocks_in_use(state);
  return defaults;
}

Result<Value> allocate(Draft& draft, const Context& call) {
  const int asked = call.args.integer(1);
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_TRY(const auto cluster,
           draft.view().get<Cluster>(asked == -1 ? default_cluster : ClusterId{asked}));
  NUBO_CHECK(authorize(
      draft.view(), call,
      {{Right::create, new_object(ObjectType::network)}, {Right::admin, guard_of(*cluster)}}));
  NUBO_CHECK(check_restricted(call, ObjectType::network, given));
  NUBO_CHECK(check_vlans(call, given, {}));
  const std::string name = given.get("NAME");
  if (name.empty()) return fail(Code::internal, "No NAME in template for Virtual Network.");
  NUBO_CHECK(check_name(name));
  given.erase("NAME");
  std::vector<Attribute> ranges = given.take("AR");

  VirtualNetwork made;
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  made.clusters.insert(cluster->id);
  made.state = NetworkState::ready;
  NUBO_TRY(const VirtualNetworkId id, draft.insert(std::move(made)));
  NUBO_TRY(VirtualNetwork * network, draft.edit<VirtualNetwork>(id));
  NUBO_CHECK(describe_network(*network, std::move(given), {draft.view(), call.settings()}));
  add_ranges(draft, *network, std::move(ranges), call);
  (*draft.edit<Cluster>(cluster->id))->networks.insert(id);
  return Value(id.value);
}

void drop_network(Draft& draft, const VirtualNetwork& network) {
  const VirtualNetworkId id = network.id;
  for (const AddressRange& range : network.address_ranges.ranges) {
    give_back_range(draft, network, range);
  }
  for (const ClusterId cluster : network.clusters) {
    if (const auto left = draft.edit<Cluster>(cluster)) (*left)->networks.erase(id);
  }
  erase_object<VirtualNetwork>(draft, id);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto network,
           permitted<VirtualNetwork>(draft.view(), call, call.args.integer(0), Right::manage));
  if (network->used_leases > 0) {
    return cannot_delete<VirtualNetwork>("Can not remove a virtual network with leases in use");
  }
  drop_network(draft, *network);
  return Value(network->id.value);
}

// --- recover ------------------------------------------------------------------------------------

std::string_view word_of(NetworkState state) {
  constexpr std::array<std::string_view, 7> words{"INIT", "READY", "LOCK_CREATE",   "LOCK_DELETE",
                                                  "DONE", "ERROR", "UPDATE_FAILURE"};
  return words.at(static_cast<std::size_t>(state));
}

enum class Cure { make_error, make_ready, drop, update_again };

struct CureRow {
  int operation;
  NetworkState from;
  Cure cure;
};

// objects.md §4.5, "recover".
constexpr std::array cures{
    CureRow{0, NetworkState::init, Cure::make_error},
    CureRow{0, NetworkState::lock_create, Cure::make_error},
    CureRow{0, NetworkState::lock_delete, Cure::make_error},
    CureRow{1, NetworkState::init, Cure::make_ready},
    CureRow{1, NetworkState::lock_create, Cure::make_ready},
    CureRow{1, NetworkState::error, Cure::make_ready},
    CureRow{1, NetworkState::lock_delete, Cure::drop},
    CureRow{1, NetworkState::update_failure, Cure::make_ready},
    CureRow{2, NetworkState::init, Cure::drop},
    CureRow{2, NetworkState::lock_create, Cure::drop},
    CureRow{2, NetworkState::lock_delete, Cure::drop},
    CureRow{2, NetworkState::error, Cure::drop},
    CureRow{3, NetworkState::update_failure, Cure::update_again},
};

Status apply(Draft& draft, VirtualNetwork& network, Cure cure) {
  if (cure == Cure::update_again) return push_network_changes_again(draft, network.id);
  if (cure == Cure::drop) {
    drop_network(draft, network);
    return ok();
  }
  network.state = cure == Cure::make_error ? NetworkState::error : NetworkState::ready;
  if (cure == Cure::make_error) return ok();
  network.attributes.erase("ERROR");
  network.attributes.erase("VNET_UPDATE");
  for (auto* waiting : {&network.outdated_vms, &network.updating_vms, &network.error_vms}) {
    network.updated_vms.merge(*waiting);
  }
  return ok();
}

Result<Value> recover(Draft& draft, const Context& call) {
  constexpr std::array words{"recover failure", "recover success", "delete", "retry"};
  const int operation = call.args.integer(1);
  NUBO_TRY(const auto network,
           permitted<VirtualNetwork>(draft.view(), call, call.args.integer(0), Right::manage));
  if (operation < 0 || operation >= static_cast<int>(words.size())) {
    return fail(Code::action, "Wrong recovery operation code");
  }
  const auto* row = std::ranges::find_if(cures, [&](const CureRow& each) {
    return each.operation == operation && each.from == network->state;
  });
  if (row == cures.end()) {
    return fail(Code::internal, "Could not perform '{}' on VN {}, wrong state {}.",
                words[static_cast<std::size_t>(operation)], network->id, word_of(network->state));
  }
  NUBO_CHECK(apply(draft, **draft.edit<VirtualNetwork>(network->id), row->cure));
  return Value(network->id.value);
}

Status after_update(Draft& draft, const Context& call, VirtualNetwork& network,
                    const Template& before) {
  NUBO_CHECK(check_vlans(call, network.attributes, before));
  NUBO_CHECK(settle_update(network, before, call.settings()));
  return push_network_changes(draft, network.id, before);
}

// --- address ranges and leases ------------------------------------------------------------------

/// Changing ranges asks for ADMIN unless the network was made from a template of its kind.
Right range_right(const VirtualNetwork& network) {
  return network.template_id.empty() ? Right::admin : Right::manage;
}

/// The network of a call that changes it, when the caller may and its state allows it.
Result<VirtualNetwork*> changeable(Draft& draft, const Context& call,
                                   Right (*right)(const VirtualNetwork&)) {
  NUBO_TRY(const auto network,
           draft.view().get<VirtualNetwork>(VirtualNetworkId{call.args.integer(0)}));
  NUBO_CHECK(authorize(draft.view(), call, {{right(*network), guard_of(*network)}}));
  if (network->state != NetworkState::ready && network->state != NetworkState::update_failure) {
    return fail(Code::action, "Virtual network {} is not ready", network->id);
  }
  return draft.edit<VirtualNetwork>(network->id);
}

Right manage_right(const VirtualNetwork&) { return Right::manage; }

Result<Vector> range_in(const Context& call) {
  NUBO_TRY(const Template given, parse_template(call.args.text(1)));
  if (const Vector* range = given.vector("AR")) return *range;
  return fail(Code::internal, "Wrong AR definition. AR vector attribute is missing.");
}

Result<Value> add_ar(Draft& draft, const Context& call) {
  NUBO_TRY(VirtualNetwork * network, changeable(draft, call, range_right));
  NUBO_TRY(Vector range, range_in(call));
  Template wrapped;
  wrapped.add("AR", range);
  NUBO_CHECK(check_restricted(call, ObjectType::network, wrapped));
  NUBO_CHECK(check_vlans(call, wrapped, {}));
  NUBO_CHECK(add_address_range(*network, std::move(range), range_defaults(draft.view(), call)));
  return Value(network->id.value);
}

Result<Value> drop_range(Draft& draft, VirtualNetwork& network, int ar_id, bool force) {
  const AddressRange* known = find_range(network, ar_id);
  const AddressRange range = known ? *known : AddressRange{};
  NUBO_CHECK(remove_address_range(network, ar_id, force));
  give_back_range(draft, network, range);
  return Value(network.id.value);
}

Result<Value> rm_ar(Draft& draft, const Context& call) {
  NUBO_TRY(VirtualNetwork * network, changeable(draft, call, range_right));
  return drop_range(draft, *network, call.args.integer(1), call.args.flag(2));
}

Result<Value> free_ar(Draft& draft, const Context& call) {
  NUBO_TRY(VirtualNetwork * network, changeable(draft, call, manage_right));
  return drop_range(draft, *network, call.args.integer(1), false);
}

Result<Value> update_ar(Draft& draft, const Context& call) {
  NUBO_TRY(VirtualNetwork * network, changeable(draft, call, manage_right));
  NUBO_TRY(const Vector range, range_in(call));
  NUBO_CHECK(update_address_range(*network, range));
  return Value(network->id.value);
}

Result<LeaseRequest> lease_in(const Context& call) {
  NUBO_TRY(const Template given, parse_template(call.args.text(1)));
  if (const Vector* lease = given.vector("LEASES")) return LeaseRequest::of(*lease);
  return fail(Code::internal, "Empty lease description.");
}

template <Status (*change)(VirtualNetwork&, const LeaseRequest&)>
Result<Value> change_hold(Draft& draft, const Context& call) {
  NUBO_TRY(VirtualNetwork * network, changeable(draft, call, manage_right));
  NUBO_TRY(const LeaseRequest lease, lease_in(call));
  NUBO_CHECK(change(*network, lease));
  return Value(network->id.value);
}

// --- the info document --------------------------------------------------------------------------

const char* owner_key(const LeaseOwner& owner) {
  if (owner.type == ObjectType::network) return "VNET";
  return owner.type == ObjectType::virtual_router ? "VROUTER" : "VM";
}

/// Whether the caller sees who has a lease.
template <class T>
bool may_use(const Context& call, int id) {
  return permitted<T>(call, id, Right::use, Locks::are_ignored).has_value();
}

bool may_see(const Context& call, const LeaseOwner& owner) {
  if (owner.type == ObjectType::vm) return may_use<Vm>(call, owner.id);
  if (owner.type == ObjectType::virtual_router) return may_use<VirtualRouter>(call, owner.id);
  return owner.type == ObjectType::network && may_use<VirtualNetwork>(call, owner.id);
}

void write_leases(XmlWriter& out, const Context& call, const AddressRange& range, bool all) {
  std::string leases;
  XmlWriter inner(leases);
  for (const auto& [index, packed] : range.allocated) {
    const LeaseOwner owner = LeaseOwner::unpack(packed);
    if (!all && !may_see(call, owner)) continue;
    Vector keys = lease_values(range, index);
    keys.set(owner_key(owner), std::to_string(owner.id));
    inner.open("LEASE");
    for (const auto& [key, value] : keys) inner.cdata(key, value);
    inner.close("LEASE");
  }
  if (leases.empty()) return out.empty("LEASES");
  out.open("LEASES");
  out.raw(leases);
  out.close("LEASES");
}

std::string ranges_with_leases(const Context& call, const VirtualNetwork& network) {
  const bool all =
      authorize(*call.snapshot, call, {{Right::manage, guard_of(network), Locks::are_ignored}})
          .has_value();
  std::string document;
  XmlWriter out(document);
  out.open("AR_POOL");
  for (const AddressRange& range : network.address_ranges.ranges) {
    out.open("AR");
    for (const auto& [key, value] : range.attributes) {
      if (key != "ALLOCATED") out.cdata(key, value);
    }
    for (const auto& [key, value] : range_ends(range)) out.cdata(key, value);
    out.number("USED_LEASES", static_cast<long long>(range.allocated.size()));
    write_leases(out, call, range, all);
    out.close("AR");
  }
  out.close("AR_POOL");
  return document;
}

}  // namespace

void add_ranges(const Draft& draft, VirtualNetwork& network, std::vector<Attribute> given,
                const Context& call) {
  for (Attribute& each : given) {
    if (!each.vector()) continue;
    const Status added =
        add_address_range(network, std::move(*each.vector()), range_defaults(draft.view(), call));
    if (added) continue;
    network.state = NetworkState::error;
    network.attributes.set("ERROR", added.error().message);
  }
}

std::string info_document(const Context& call, const Entry<VirtualNetwork>& entry) {
  VirtualNetwork bare = entry.object;
  bare.address_ranges.ranges.clear();
  std::string document = to_xml(VirtualNetwork::root, bare, Form::shown);
  constexpr std::string_view empty_pool = "<AR_POOL></AR_POOL>";
  const std::size_t at = document.rfind(empty_pool);
  return document.replace(at, empty_pool.size(), ranges_with_leases(call, entry.object));
}

std::vector<Call> network_calls() {
  using N = VirtualNetwork;
  const Parameter a_range{"ar", Type::integer};
  return {
      {"one.vn.allocate", {a_template, {"cluster", Type::integer}}, allocate},
      {"one.vn.delete", {an_id}, remove},
      {"one.vn.info", {an_id, a_decrypt_flag}, info<N>},
      {"one.vn.update", {an_id, a_template, an_update_type}, update<N, after_update>},
      {"one.vn.rename", {an_id, a_name}, rename<N>},
      {"one.vn.chown", {an_id, {"uid", Type::integer}, {"gid", Type::integer}}, chown<N>},
      {"one.vn.chmod", chmod_parameters(), chmod<N>},
      {"one.vn.lock", lock_parameters(), lock<N>},
      {"one.vn.unlock", {an_id}, unlock<N>},
      {"one.vn.add_ar", {an_id, a_template}, add_ar},
      {"one.vn.rm_ar", {an_id, a_range, {"force", Type::flag, Value(false)}}, rm_ar},
      {"one.vn.free_ar", {an_id, a_range}, free_ar},
      {"one.vn.update_ar", {an_id, a_template}, update_ar},
      {"one.vn.hold", {an_id, a_template}, change_hold<hold_lease>},
      {"one.vn.release", {an_id, a_template}, change_hold<release_hold>},
      {"one.vn.recover", {an_id, {"operation", Type::integer}}, recover},
      {"one.vnpool.info", pool_parameters(), pool_info<N>},
  };
}

}  // namespace nubo::api
