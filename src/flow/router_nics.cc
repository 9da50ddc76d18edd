// SPDX-License-Identifier: Apache-2.0
#include "flow/router_nics.h"

#include <algorithm>
#include <array>

#include "flow/owner_lookup.h"
#include "model/leases.h"

namespace nubo {
namespace {

constexpr std::array address_keys{"IP",      "MAC",        "IP6",    "IP6_LINK",
                                  "IP6_ULA", "IP6_GLOBAL", "VLAN_ID"};

LeaseOwner owner_of(const VirtualRouter& router) {
  return {ObjectType::virtual_router, router.id.value};
}

/// Nothing for a NIC that names no network.
Result<VirtualNetworkId> network_of(const Draft& draft, const VirtualRouter& router,
                                    const Vector& nic) {
  if (nic.contains("NETWORK_ID")) {
    const VirtualNetworkId id{nic.number<int>("NETWORK_ID").value_or(-1)};
    if (draft.find<VirtualNetwork>(id)) return id;
    return fail(Code::internal, "Virtual network with ID: {} does not exist",
                nic.get("NETWORK_ID"));
  }
  const std::string& name = nic.get("NETWORK");
  if (name.empty()) return VirtualNetworkId{};
  const auto owner = named_owner(draft.view(), nic, "NETWORK", router.uid);
  const auto id =
      owner ? draft.view().names().find(ObjectType::network, owner->value, name) : std::nullopt;
  if (id) return VirtualNetworkId{*id};
  return fail(Code::internal,
              "User {} does not own a network with name: {} . Set NETWORK_UNAME or NETWORK_UID of "
              "owner in NIC.",
              owner.value_or(router.uid), name);
}

/// The router's own address, under names of its own so that each VM gets one besides.
Status take_floating(VirtualNetwork& network, const VirtualRouter& router, Vector& nic) {
  NUBO_TRY(const Lease lease, take_lease(network, LeaseRequest::of(nic), owner_of(router)));
  for (const char* key : address_keys) nic.erase(key);
  for (const auto& [key, value] : lease.values) nic.set("VROUTER_" + key, value);
  nic.set("AR_ID", std::to_string(lease.ar_id));
  return ok();
}

const Vector* nic_numbered(const VirtualRouter& router, int nic_id) {
  const auto nics = router.attributes.vectors("NIC");
  const auto found = std::ranges::find_if(
      nics, [nic_id](const Vector* nic) { return nic->number<int>("NIC_ID") == nic_id; });
  return found == nics.end() ? nullptr : *found;
}

/// The address of a NIC under the names that leases know.
Vector lease_keys(const Vector& nic) {
  Vector keys{{"AR_ID", nic.get("AR_ID")}};
  for (const char* key : address_keys) {
    const std::string own = std::string("VROUTER_") + key;
    if (nic.contains(own)) keys.set(key, nic.get(own));
  }
  return keys;
}

bool is_on(const VirtualRouter& router, VirtualNetworkId network) {
  return std::ranges::any_of(router.attributes.vectors("NIC"), [network](const Vector* nic) {
    return nic->number<int>("NETWORK_ID") == network.value;
  });
}

}  // namespace

Status add_router_nic(Draft& draft, VirtualRouter& router, Vector nic, int nic_id) {
  if (nic.get("NETWORK_MODE") == "auto") {
    return fail(Code::internal, "NETWORK_MODE auto is not allowed in NICs of virtual routers");
  }
  nic.set("NIC_ID", std::to_string(nic_id));
  NUBO_TRY(const VirtualNetworkId id, network_of(draft, router, nic));
  if (id.is_set()) {
    NUBO_TRY(VirtualNetwork* const network, draft.edit<VirtualNetwork>(id));
    nic.set("NETWORK", network->name);
    nic.set("NETWORK_ID", std::to_string(id.value));
    network->vrouters.insert(router.id);
    if (nic.yes("FLOATING_IP")) NUBO_CHECK(take_floating(*network, router, nic));
  }
  router.attributes.add("NIC", std::move(nic));
  return ok();
}

void remove_router_nic(Draft& draft, VirtualRouter& router, int nic_id) {
  const Vector* found = nic_numbered(router, nic_id);
  if (!found) return;
  const Vector nic = *found;
  router.attributes.erase_if(
      [found](const Attribute& attribute) { return attribute.vector() == found; });
  const VirtualNetworkId id{nic.number<int>("NETWORK_ID").value_or(-1)};
  if (!draft.find<VirtualNetwork>(id)) return;
  VirtualNetwork& network = **draft.edit<VirtualNetwork>(id);
  if (nic.yes("FLOATING_IP")) release_lease(network, lease_keys(nic), owner_of(router));
  if (!is_on(router, id)) network.vrouters.erase(router.id);
}

void release_router_nics(Draft& draft, const VirtualRouter& router) {
  for (const Vector* nic : router.attributes.vectors("NIC")) {
    const VirtualNetworkId id{nic->number<int>("NETWORK_ID").value_or(-1)};
    if (!draft.find<VirtualNetwork>(id)) continue;
    VirtualNetwork& network = **draft.edit<VirtualNetwork>(id);
    release_leases(network, owner_of(router));
    network.vrouters.erase(router.id);
  }
}

}  // namespace nubo
