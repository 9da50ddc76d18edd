// SPDX-License-Identifier: Apache-2.0
// Strong identifiers: one type per kind of object, so that a host's id cannot be passed as a VM's.
// On the wire they are 32-bit integers from 0; -1 is "none" (sheet api.md §4).
#pragma once

#include <fmt/format.h>

#include <compare>
#include <functional>

namespace nubo {

template <class Tag>
struct Id {
  int value = -1;

  constexpr auto operator<=>(const Id&) const = default;

  constexpr bool is_set() const { return value >= 0; }
};

using AclId = Id<struct AclTag>;
using BackupJobId = Id<struct BackupJobTag>;
using ClusterId = Id<struct ClusterTag>;
using DatastoreId = Id<struct DatastoreTag>;
using DocumentId = Id<struct DocumentTag>;
using GroupId = Id<struct GroupTag>;
using HookId = Id<struct HookTag>;
using HostId = Id<struct HostTag>;
using ImageId = Id<struct ImageTag>;
using MarketplaceAppId = Id<struct MarketplaceAppTag>;
using MarketplaceId = Id<struct MarketplaceTag>;
using NetworkTemplateId = Id<struct NetworkTemplateTag>;
using ScheduledActionId = Id<struct ScheduledActionTag>;
using SecurityGroupId = Id<struct SecurityGroupTag>;
using TemplateId = Id<struct TemplateTag>;
using UserId = Id<struct UserTag>;
using VdcId = Id<struct VdcTag>;
using VirtualNetworkId = Id<struct VirtualNetworkTag>;
using VirtualRouterId = Id<struct VirtualRouterTag>;
using VmGroupId = Id<struct VmGroupTag>;
using VmId = Id<struct VmTag>;
using ZoneId = Id<struct ZoneTag>;

}  // namespace nubo

template <class Tag>
struct std::hash<nubo::Id<Tag>> {
  std::size_t operator()(nubo::Id<Tag> id) const noexcept { return std::hash<int>{}(id.value); }
};

template <class Tag>
struct fmt::formatter<nubo::Id<Tag>> : fmt::formatter<int> {
  template <class Context>
  auto format(nubo::Id<Tag> id, Context& context) const {
    return fmt::formatter<int>::format(id.value, context);
  }
};
