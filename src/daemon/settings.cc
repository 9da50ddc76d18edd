// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "auth/authorization.h"
#include "text/number_ranges.h"

namespace nubo {
namespace {

std::string own_name(const Template& config) {
  if (const std::string& name = config.get("HOSTNAME"); !name.empty()) return name;
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::vector<std::string> values_of(const Template& config, std::string_view name) {
  std::vector<std::string> values;
  for (const Attribute& attribute : config) {
    if (attribute.name == name) values.push_back(*attribute.single());
  }
  return values;
}

Result<std::chrono::seconds> seconds(const Template& config, const std::string& key, int least) {
  const auto value = config.number<int>(key);
  if (value && *value >= least) return std::chrono::seconds(*value);
  return fail(Code::internal, "{} = \"{}\" is no number of seconds from {}", key, config.get(key),
              least);
}

/// START and RESERVED of VNC_PORTS, VLAN_IDS …, where they are set.
Status check_numbers(const Template& config) {
  for (const char* key : {"VNC_PORTS", "VLAN_IDS", "VXLAN_IDS"}) {
    const Vector* vector = config.vector(key);
    if (!vector) continue;
    if (vector->contains("START") && vector->number<int>("START").value_or(-1) < 0) {
      return fail(Code::internal, "{} has START = \"{}\": it is to be a number from 0", key,
                  vector->get("START"));
    }
    if (!NumberRanges::parse(vector->get("RESERVED"))) {
      return fail(Code::internal, "{} has RESERVED = \"{}\": it is to be a list of n or first:last",
                  key, vector->get("RESERVED"));
    }
  }
  return ok();
}

Status check_federation(const Template& config) {
  const Vector* federation = config.vector("FEDERATION");
  if (!federation || federation->get("MODE") == "STANDALONE") return ok();
  return fail(Code::internal, "FEDERATION has MODE = \"{}\": there is no other than STANDALONE",
              federation->get("MODE"));
}

VmSettings vm_settings(const Template& config, const Locations& locations) {
  VmSettings settings;
  settings.default_device_prefix = config.get("DEFAULT_DEVICE_PREFIX");
  if (const std::string& prefix = config.get("MAC_PREFIX"); !prefix.empty()) {
    settings.mac_prefix = prefix;
  }
  settings.datastore_location = config.get("DATASTORE_LOCATION");
  settings.vm_location = locations.var + "/vms";
  settings.front_end = own_name(config);
  settings.secrets = SecretAttributes(config);
  if (const Vector* ports = config.vector("VNC_PORTS")) {
    settings.graphics_ports.start =
        ports->number<int>("START").value_or(settings.graphics_ports.start);
    settings.graphics_ports.reserved =
        NumberRanges::parse(ports->get("RESERVED")).value_or(NumberRanges{});
  }
  settings.hypervisors.clear();
  for (const Vector* driver : config.vectors("VM_MAD")) {
    const std::string& name = driver->get("NAME");
    settings.hypervisors.insert(name);
    settings.hypervisor_traits[name] = {.keeps_snapshots = driver->yes("KEEP_SNAPSHOTS"),
                                        .live_resize = driver->yes("LIVE_RESIZE")};
  }
  settings.snapshot_factor = config.number<double>("VM_SNAPSHOT_FACTOR").value_or(0);
  settings.context_eth_updates = config.yes("CONTEXT_ALLOW_ETH_UPDATES");
  for (const Vector* driver : config.vectors("TM_MAD_CONF")) {
    if (const std::string& format = driver->get("DRIVER"); !format.empty()) {
      settings.transfer_formats[driver->get("NAME")] = format;
    }
  }
  settings.inherit_datastore = values_of(config, "INHERIT_DATASTORE_ATTR");
  settings.inherit_image = values_of(config, "INHERIT_IMAGE_ATTR");
  settings.inherit_network = values_of(config, "INHERIT_VNET_ATTR");
  return settings;
}

/// Answers for the owner of a VM whether he has a right on an object. Placement asks for one VM
/// after the other, on one thread: the last owner's identity is kept.
class OwnerRights {
 public:
  explicit OwnerRights(const Writer& writer) : writer_(writer) {}

  template <class T>
  bool has(Right right, const Vm& vm, const T& object) {
    const SnapshotPtr now = writer_.snapshot();
    if (now != state_ || !owner_ || owner_->uid != vm.uid) {
      state_ = now;
      const Ptr<User> user = now->find<User>(vm.uid);
      if (!user) return false;
      owner_ = identity_of(*now, *user, {});
    }
    if (owner_->is_admin()) return true;
    return authorize(*now, *owner_, {{right, guard_of(object)}}).has_value();
  }

 private:
  const Writer& writer_;
  SnapshotPtr state_;
  std::optional<Identity> owner_;
};

}  // namespace

Result<FlowSettings> flow_settings(const Template& config, const Locations& locations,
                                   const Writer& writer) {
  FlowSettings settings;
  NUBO_CHECK(check_numbers(config));
  NUBO_CHECK(check_federation(config));
  settings.vm = vm_settings(config, locations);
  MonitorSettings& monitor = settings.monitor;
  NUBO_TRY(monitor.host_period, seconds(config, "MONITORING_INTERVAL_HOST", 1));
  NUBO_TRY(monitor.host_timeout, seconds(config, "MONITORING_TIMEOUT_HOST", 2));
  monitor.host_timeout = std::max(monitor.host_timeout, 2 * monitor.host_period);
  NUBO_TRY(monitor.datastore_period, seconds(config, "MONITORING_INTERVAL_DATASTORE", 1));
  NUBO_TRY(const auto keep, seconds(config, "MONITORING_EXPIRATION_TIME", 0));
  monitor.keep = keep;
  monitor.datastore_location = settings.vm.datastore_location;
  monitor.secrets = settings.vm.secrets;
  NUBO_TRY(settings.sched_retry, seconds(config, "SCHED_RETRY_TIME", 1));
  NUBO_TRY(settings.action_period, seconds(config, "MANAGER_TIMER", 1));
  const auto rights = std::make_shared<OwnerRights>(writer);
  settings.placement.may_use_host = [rights](const Vm& vm, const Host& host) {
    return rights->has(Right::manage, vm, host);
  };
  settings.placement.may_use_datastore = [rights](const Vm& vm, const Datastore& datastore) {
    return rights->has(Right::use, vm, datastore);
  };
  settings.placement.may_use_network = [rights](const Vm& vm, const VirtualNetwork& network) {
    return rights->has(Right::use, vm, network);
  };
  return settings;
}

}  // namespace nubo
