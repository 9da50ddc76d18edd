// SPDX-License-Identifier: Apache-2.0
#include "model/charges.h"

#include <array>

#include "model/vm_machine.h"

namespace nubo {
namespace {

using enum QuotaSection;
using At = MetricPlaces;

constexpr std::array with_leases{"NIC", "NIC_ALIAS", "PCI"};

Amount amount_in(const auto& attributes, std::string_view key) {
  return parse_amount(attributes.get(key)).value_or(0);
}

/// Where a disk's data takes space beside its image: "SYSTEM", "SELF" (its image's datastore) or
/// "NONE" (vm-lifecycle.md §5.4).
std::string_view target_of(const Vector& disk) {
  if (!disk.contains("IMAGE_ID")) return "SYSTEM";
  return disk.get(disk.yes("CLONE") ? "CLONE_TARGET" : "LN_TARGET");
}

void add_disk(Bill& bill, const Vector& disk, Amount& on_system) {
  const Amount size = amount_in(disk, "SIZE") + amount_in(disk, "DISK_SNAPSHOT_TOTAL_SIZE");
  const std::string_view target = target_of(disk);
  if (target == "SYSTEM") on_system += size;
  if (target == "SELF") {
    if (const auto id = disk.number<int>("DATASTORE_ID")) bill.add(datastore, *id, At::size, size);
  }
  if (const auto id = disk.number<int>("IMAGE_ID")) {
    bill.add(image, *id, At::running_vms_of_image, one_unit);
  }
}

/// What a VM takes of one metric, by its place.
using VmUse = std::map<int, Amount>;

VmUse use_of(const Vm& vm, const QuotaMetrics& metrics) {
  VmUse use{{At::vms, one_unit},
            {At::cpu, amount_in(vm.system, "CPU")},
            {At::memory, amount_in(vm.system, "MEMORY")}};
  for (const Vector* device : vm.system.vectors("PCI")) {
    use[device->get("TYPE") == "NIC" ? At::pci_nics : At::pci_devices] += one_unit;
  }
  int place = At::first_generic;
  for (const std::string& name : metrics.generic()) {
    use[place] = vm.user.contains(name) ? amount_in(vm.user, name) : amount_in(vm.system, name);
    place += 2;
  }
  return use;
}

void add_vm(Bill& bill, const VmUse& use, int cluster, bool is_running) {
  for (const auto& [place, amount] : use) {
    bill.add(QuotaSection::vm, cluster, place, amount);
    const bool has_pair = place != At::system_disk_size;
    if (is_running && has_pair) bill.add(QuotaSection::vm, cluster, place + 1, amount);
  }
}

}  // namespace

Bill bill_of(const Vm& vm, const QuotaMetrics& metrics) {
  Bill bill{vm.uid, vm.gid, {}};
  if (vm.state == VmState::done) return bill;
  VmUse use = use_of(vm, metrics);
  Amount& on_system = use[At::system_disk_size];
  for (const Vector* disk : vm.system.vectors("DISK")) add_disk(bill, *disk, on_system);
  for (const Vector* snapshot : vm.system.vectors("SNAPSHOT")) {
    on_system += amount_in(*snapshot, "SYSTEM_DISK_SIZE");
  }
  for (const char* kind : with_leases) {
    for (const Vector* nic : vm.system.vectors(kind)) {
      if (const auto id = nic->number<int>("NETWORK_ID")) {
        bill.add(network, *id, At::leases, one_unit);
      }
    }
  }
  const bool is_running = counts_as_running(vm.states());
  add_vm(bill, use, QuotaKey::all_clusters, is_running);
  if (const History* record = vm.current()) add_vm(bill, use, record->cluster_id.value, is_running);
  return bill;
}

Bill bill_of(const Image& image, const QuotaMetrics&) {
  Bill bill{image.uid, image.gid, {}};
  Amount size = whole_amount(image.size_mb);
  for (const Vector* snapshot : image.snapshots.vectors("SNAPSHOT")) {
    size += amount_in(*snapshot, "SIZE");
  }
  bill.add(datastore, image.datastore_id.value, At::size, size);
  bill.add(datastore, image.datastore_id.value, At::images, one_unit);
  return bill;
}

Bill bill_of(const VirtualNetwork& network, const QuotaMetrics&) {
  Bill bill{network.uid, network.gid, {}};
  const auto parent = parse_number<int>(network.parent_network_id);
  if (!parent) return bill;
  for (const AddressRange& range : network.address_ranges.ranges) {
    if (!range.attributes.contains("PARENT_NETWORK_AR_ID")) continue;
    bill.add(QuotaSection::network, *parent, At::leases, range.size() * one_unit);
  }
  return bill;
}

}  // namespace nubo
