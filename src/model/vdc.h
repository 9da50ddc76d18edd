// SPDX-License-Identifier: Apache-2.0
// Virtual data centre: groups and the resources that are lent to them (sheet objects.md §6.6).
// A resource id of -10 means all of its kind in the zone.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "model/object_type.h"
#include "text/fields.h"

namespace nubo {

inline constexpr int vdc_all_resources = -10;

/// A resource in a zone; Name is the element of its id, such as "CLUSTER_ID".
template <class Tag>
struct VdcResource {
  ZoneId zone_id;
  Id<Tag> id;

  bool operator==(const VdcResource&) const = default;

  static constexpr const char* id_element();

  template <class S = VdcResource>
  static constexpr auto fields() {
    return std::tuple{Field{"ZONE_ID", &S::zone_id}, Field{id_element(), &S::id}};
  }
};

template <>
constexpr const char* VdcResource<ClusterTag>::id_element() {
  return "CLUSTER_ID";
}

template <>
constexpr const char* VdcResource<HostTag>::id_element() {
  return "HOST_ID";
}

template <>
constexpr const char* VdcResource<DatastoreTag>::id_element() {
  return "DATASTORE_ID";
}

template <>
constexpr const char* VdcResource<VirtualNetworkTag>::id_element() {
  return "VNET_ID";
}

/// The list element round resources of one kind: CLUSTERS{CLUSTER*}.
template <class Tag>
struct VdcResources {
  std::vector<VdcResource<Tag>> list;

  bool operator==(const VdcResources&) const = default;

  static constexpr const char* element();

  template <class S = VdcResources>
  static constexpr auto fields() {
    return std::tuple{Field{element(), &S::list}};
  }
};

template <>
constexpr const char* VdcResources<ClusterTag>::element() {
  return "CLUSTER";
}

template <>
constexpr const char* VdcResources<HostTag>::element() {
  return "HOST";
}

template <>
constexpr const char* VdcResources<DatastoreTag>::element() {
  return "DATASTORE";
}

template <>
constexpr const char* VdcResources<VirtualNetworkTag>::element() {
  return "VNET";
}

struct Vdc {
  static constexpr ObjectType type = ObjectType::vdc;
  static constexpr const char* root = "VDC";
  static constexpr const char* pool_root = "VDC_POOL";
  static constexpr const char* table = "vdc_pool";

  VdcId id;
  std::string name;
  IdSet<GroupTag> groups;
  VdcResources<ClusterTag> clusters;
  VdcResources<HostTag> hosts;
  VdcResources<DatastoreTag> datastores;
  VdcResources<VirtualNetworkTag> networks;
  Template attributes;

  bool operator==(const Vdc&) const = default;

  template <class S = Vdc>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},          Field{"NAME", &S::name},
                      Field{"GROUPS", &S::groups},  Field{"CLUSTERS", &S::clusters},
                      Field{"HOSTS", &S::hosts},    Field{"DATASTORES", &S::datastores},
                      Field{"VNETS", &S::networks}, Field{"TEMPLATE", &S::attributes}};
  }
};

}  // namespace nubo
