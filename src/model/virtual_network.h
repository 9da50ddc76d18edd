// SPDX-License-Identifier: Apache-2.0
// Virtual network and its address ranges (sheets xml.md §3.4, objects.md §4). Leases are part of
// the range, so they change in the same transaction as the NIC that holds them (leases.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

enum class NetworkState : int {
  init = 0,
  ready = 1,
  lock_create = 2,
  lock_delete = 3,
  done = 4,
  error = 5,
  update_failure = 6,
};

struct AddressRange {
  Vector attributes;  // AR_ID, TYPE, SIZE, MAC, IP, IP6, NEXT_INDEX, SHARED, own ones
  std::multimap<std::uint32_t, std::uint64_t>
      allocated;  // index → type bit | owner id; shared: several

  bool operator==(const AddressRange&) const = default;

  int id() const { return attributes.number<int>("AR_ID").value_or(-1); }

  std::uint32_t size() const { return attributes.number<std::uint32_t>("SIZE").value_or(0); }
};

/// The stored and pool form: keys sorted, with ALLOCATED " index owner index owner" (xml.md §2).
void write_field(XmlWriter& out, std::string_view name, const AddressRange& range, unsigned flags);
void read_field(const XmlNode& element, AddressRange& range);

struct AddressRangePool {
  std::vector<AddressRange> ranges;

  bool operator==(const AddressRangePool&) const = default;

  template <class S = AddressRangePool>
  static constexpr auto fields() {
    return std::tuple{Field{"AR", &S::ranges}};
  }
};

struct VirtualNetwork : Owned {
  static constexpr ObjectType type = ObjectType::network;
  static constexpr const char* root = "VNET";
  static constexpr const char* pool_root = "VNET_POOL";
  static constexpr const char* table = "network_pool";

  VirtualNetworkId id;
  IdSet<ClusterTag> clusters;
  std::string bridge;
  std::string bridge_type;
  NetworkState state = NetworkState::init;
  std::string parent_network_id;  // "" when it is no reservation
  std::string template_id;
  std::string vn_mad;
  std::string phydev;
  std::string vlan_id;
  std::string outer_vlan_id;
  bool vlan_id_automatic = false;
  bool outer_vlan_id_automatic = false;
  long long used_leases = 0;
  IdSet<struct VirtualRouterTag> vrouters;
  IdSet<VmTag> updated_vms;
  IdSet<VmTag> outdated_vms;
  IdSet<VmTag> updating_vms;
  IdSet<VmTag> error_vms;
  Template attributes;
  AddressRangePool address_ranges;

  bool operator==(const VirtualNetwork&) const = default;

  template <class S = VirtualNetwork>
  static constexpr auto fields() {
    constexpr unsigned cdata_or_closed = cdata | self_closed;
    return std::tuple_cat(
        owner_fields<S>(), lock_and_permission_fields<S>(),
        std::tuple{Field{"CLUSTERS", &S::clusters},
                   Field{"BRIDGE", &S::bridge, cdata},
                   Field{"BRIDGE_TYPE", &S::bridge_type, cdata},
                   Field{"STATE", &S::state, cdata},
                   Field{"PREV_STATE", &S::state, cdata},  // equal in all stored documents
                   Field{"PARENT_NETWORK_ID", &S::parent_network_id, self_closed},
                   Field{"TEMPLATE_ID", &S::template_id, self_closed},
                   Field{"VN_MAD", &S::vn_mad, cdata_or_closed},
                   Field{"PHYDEV", &S::phydev, cdata_or_closed},
                   Field{"VLAN_ID", &S::vlan_id, cdata_or_closed},
                   Field{"OUTER_VLAN_ID", &S::outer_vlan_id, cdata_or_closed},
                   Field{"VLAN_ID_AUTOMATIC", &S::vlan_id_automatic},
                   Field{"OUTER_VLAN_ID_AUTOMATIC", &S::outer_vlan_id_automatic},
                   Field{"USED_LEASES", &S::used_leases},
                   Field{"VROUTERS", &S::vrouters},
                   Field{"UPDATED_VMS", &S::updated_vms},
                   Field{"OUTDATED_VMS", &S::outdated_vms},
                   Field{"UPDATING_VMS", &S::updating_vms},
                   Field{"ERROR_VMS", &S::error_vms},
                   Field{"TEMPLATE", &S::attributes},
                   Field{"AR_POOL", &S::address_ranges}});
  }
};

}  // namespace nubo
