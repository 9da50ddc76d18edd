// SPDX-License-Identifier: Apache-2.0
// What oned.conf says about VMs (sheet objects.md §10.1, §11.3). Plain values with the shipped
// defaults; filled once at start and then only read.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret_attributes.h"
#include "flow/capacity.h"

namespace nubo {

/// What VM_MAD says of a hypervisor's driver.
struct HypervisorTraits {
  bool keeps_snapshots = false;  // system snapshots outlive a power-off or migration
  bool live_resize = false;      // CPU and memory of a guest that runs can change
};

struct VmSettings {
  /// Of the driver of that name; nothing special for one that is not configured.
  HypervisorTraits hypervisor(std::string_view name) const {
    const auto found = hypervisor_traits.find(name);
    return found == hypervisor_traits.end() ? HypervisorTraits{} : found->second;
  }

  std::map<std::string, HypervisorTraits, std::less<>> hypervisor_traits;
  bool context_eth_updates = false;  // users may change ETHn_* of CONTEXT
  double snapshot_factor = 0;        // of the disks' sizes that a system snapshot counts for
  std::string default_device_prefix = "sd";
  std::string default_cdrom_prefix = "hd";
  std::string mac_prefix = "02:00";
  std::string datastore_location = "/var/lib/one/datastores";
  std::string vm_location = "/var/lib/one/vms";
  std::string front_end = "localhost";  // its name in transfer lines
  GraphicsPorts graphics_ports;
  SecretAttributes secrets;                                   // drivers get them in clear
  std::set<std::string> hypervisors{"kvm", "qemu", "dummy"};  // VM_MAD names
  std::map<std::string, std::string> transfer_formats;        // TM_MAD_CONF: NAME → DRIVER
  std::vector<std::string> inherit_datastore{
      "CEPH_HOST",       "CEPH_SECRET",         "CEPH_KEY",         "CEPH_USER",
      "CEPH_CONF",       "CEPH_TRASH",          "POOL_NAME",        "ISCSI_USER",
      "ISCSI_USAGE",     "ISCSI_HOST",          "GLUSTER_HOST",     "GLUSTER_VOLUME",
      "DISK_TYPE",       "ALLOW_ORPHANS",       "QCOW2_STANDALONE", "SPARSE",
      "LVM_THIN_ENABLE", "PERSISTENT_SNAPSHOTS"};
  std::vector<std::string> inherit_image{"ISCSI_USER", "ISCSI_USAGE", "ISCSI_HOST",
                                         "ISCSI_IQN",  "LUKS_SECRET", "DISK_TYPE",
                                         "SERIAL",     "MOUNT_POINT", "MOUNT_TAG"};
  std::vector<std::string> inherit_network{"VLAN_TAGGED_ID",
                                           "FILTER",
                                           "FILTER_IP_SPOOFING",
                                           "FILTER_MAC_SPOOFING",
                                           "MTU",
                                           "METRIC",
                                           "IP6_METRIC",
                                           "METHOD",
                                           "IP6_METHOD",
                                           "INBOUND_AVG_BW",
                                           "INBOUND_PEAK_BW",
                                           "INBOUND_PEAK_KB",
                                           "OUTBOUND_AVG_BW",
                                           "OUTBOUND_PEAK_BW",
                                           "OUTBOUND_PEAK_KB",
                                           "CONF",
                                           "BRIDGE_CONF",
                                           "OVS_BRIDGE_CONF",
                                           "IP_LINK_CONF",
                                           "EXTERNAL_IP",
                                           "AWS_ALLOCATION_ID",
                                           "VULTR_IP_ID",
                                           "GATEWAY",
                                           "DNS",
                                           "VXLAN_MODE",
                                           "VXLAN_TEP",
                                           "VXLAN_MC",
                                           "CVLANS",
                                           "QINQ_TYPE",
                                           "TRUST",
                                           "SPOOFCHK"};
};

}  // namespace nubo
