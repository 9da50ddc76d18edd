// SPDX-License-Identifier: Apache-2.0
// Snapshot: all pools at one moment, immutable. Readers on any thread hold one for as long as they
// need it; only store/ makes new ones.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <tuple>

#include "base/result.h"
#include "model/acl.h"
#include "model/backup_job.h"
#include "model/cluster.h"
#include "model/datastore.h"
#include "model/default_quotas.h"
#include "model/document.h"
#include "model/effect.h"
#include "model/effect_index.h"
#include "model/group.h"
#include "model/hook.h"
#include "model/host.h"
#include "model/image.h"
#include "model/marketplace.h"
#include "model/marketplace_app.h"
#include "model/name_index.h"
#include "model/network_template.h"
#include "model/pool.h"
#include "model/scheduled_action.h"
#include "model/security_group.h"
#include "model/user.h"
#include "model/vdc.h"
#include "model/virtual_network.h"
#include "model/virtual_router.h"
#include "model/vm.h"
#include "model/vm_entry.h"
#include "model/vm_group.h"
#include "model/vm_template.h"
#include "model/zone.h"

namespace nubo {

/// Every kind of stored object, once. The store, its schema and the API's tables follow this list.
using ObjectKinds =
    std::tuple<User, Group, AclRule, Cluster, Host, Datastore, Image, VirtualNetwork, SecurityGroup,
               VmTemplate, Vm, Vdc, Zone, Document, VmGroup, NetworkTemplate, VirtualRouter, Hook,
               Marketplace, MarketplaceApp, BackupJob, ScheduledAction, Effect, DefaultQuotas>;

template <class Tuple>
struct PoolsOf;

template <class... T>
struct PoolsOf<std::tuple<T...>> {
  using type = std::tuple<Pool<T>...>;
};

template <class T>
using IdOf = decltype(T::id);

template <class T>
using Ptr = std::shared_ptr<const T>;

class Snapshot {
 public:
  // Defined in snapshot.cc: what they do for each kind is compiled once.
  Snapshot();
  Snapshot(const Snapshot& other);
  Snapshot(Snapshot&& other) noexcept;
  Snapshot& operator=(const Snapshot& other);
  Snapshot& operator=(Snapshot&& other) noexcept;
  ~Snapshot();

  template <class T>
  const Pool<T>& pool() const {
    return std::get<Pool<T>>(pools_);
  }

  template <class T>
  Pool<T>& pool() {
    return std::get<Pool<T>>(pools_);
  }

  /// The object, or nullptr.
  template <class T>
  Ptr<T> find(IdOf<T> id) const {
    return pool<T>().find(id);
  }

  /// The object; Code::no_exists with the API's text when there is none.
  template <class T>
  Result<Ptr<T>> get(IdOf<T> id) const {
    if (Ptr<T> found = find<T>(id)) return found;
    return no_such(names_of(T::type).message, id.value);
  }

  /// Names of users, groups, hosts …: see name_index.h for the scope of each kind.
  const NameIndex& names() const { return names_; }

  NameIndex& names() { return names_; }

  /// Which effects are under way for an object.
  const EffectIndex& effects() const { return effects_; }

  EffectIndex& effects() { return effects_; }

 private:
  PoolsOf<ObjectKinds>::type pools_;
  NameIndex names_;
  EffectIndex effects_;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace nubo
