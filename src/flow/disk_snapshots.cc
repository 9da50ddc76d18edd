// SPDX-License-Identifier: Apache-2.0
#include "flow/disk_snapshots.h"

#include <algorithm>
#include <vector>

#include "flow/vm_step.h"
#include "model/snapshot_tree.h"
#include "text/trim.h"

namespace nubo {
namespace {

std::string tree_word(const Vector& disk) {
  const std::string word = upper_case(disk.get("ALLOW_ORPHANS"));
  if (word == "FORMAT") return disk.get("FORMAT") == "raw" ? "YES" : "NO";
  return word.empty() ? "NO" : word;
}

Template* find_set(Vm& vm, std::string_view disk_id) {
  const auto found = std::ranges::find_if(
      vm.snapshots, [disk_id](const Template& set) { return set.get("DISK_ID") == disk_id; });
  return found == vm.snapshots.end() ? nullptr : &*found;
}

const Template* find_set(const Vm& vm, std::string_view disk_id) {
  return find_set(const_cast<Vm&>(vm), disk_id);
}

void count_size(const Vm& vm, Vector& disk) {
  long long total = 0;
  if (const Template* set = find_set(vm, disk.get("DISK_ID"))) {
    for (const Vector* each : set->vectors("SNAPSHOT")) {
      total += each->number<long long>("SIZE").value_or(0);
    }
  }
  disk.set("DISK_SNAPSHOT_TOTAL_SIZE", std::to_string(total));
}

Status check_creatable(const Vm& vm, const Vector& disk) {
  const std::string type = disk.get("TYPE");
  const std::string upper = upper_case(type);
  if (upper == "SWAP" || upper == "FS" || upper == "FILESYSTEM" || upper.ends_with("CDROM")) {
    return fail(Code::action, "Cannot make snapshots on disks of type: {}", type);
  }
  if (disk.yes("READONLY")) return fail(Code::action, "Cannot make snapshots on readonly disks");
  if (upper_case(vm.backups.config.get("MODE")) == "INCREMENT") {
    return fail(Code::action, "Cannot make snapshots on VMs with incremental backups");
  }
  return ok();
}

Status check_deletable(Template& set, const Vector& disk, const Vector& snapshot) {
  const SnapshotRule rule = snapshot_rule(set);
  if (rule == SnapshotRule::allow) return ok();
  const std::vector<int> children = children_of(snapshot);
  if (rule == SnapshotRule::mixed) {
    if (snapshot.yes("ACTIVE")) return fail(Code::action, "Cannot delete the active snapshot");
    if (!children.empty()) return fail(Code::action, "Cannot delete a snapshot with children");
    return ok();
  }
  if (disk.yes("PERSISTENT") && snapshot.get("ID") == "0") {
    return fail(Code::action, "Cannot delete the first snapshot of a persistent disk");
  }
  if (children.size() > 1) {
    return fail(Code::action, "Cannot delete snapshot with more than one child");
  }
  if (children.empty()) return ok();
  if (snapshot.yes("ACTIVE")) {
    return fail(Code::action, "Cannot delete the active snapshot with children");
  }
  const Vector* child = find_snapshot(set, children[0]);
  if (child && !children_of(*child).empty()) {
    return fail(Code::action, "Cannot delete snapshot, its child has children");
  }
  return ok();
}

struct Place {
  Vm* vm;
  Vector* disk;
};

Result<Place> find_place(Draft& draft, const ChangeOrder& order, int disk_id) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  Vector* disk = device(*vm, "DISK", "DISK_ID", disk_id);
  if (!disk) return fail(Code::action, "VM disk does not exist");
  return Place{vm, disk};
}

void mark(Vector& disk, int snapshot) {
  disk.set("DISK_SNAPSHOT_ACTIVE", "YES");
  disk.set("DISK_SNAPSHOT_ID", std::to_string(snapshot));
}

/// The disk whose snapshot the operation was about, with its mark gone.
struct Ended {
  Vector* disk = nullptr;
  Template* set = nullptr;
  int snapshot = -1;
};

Ended take_mark(Vm& vm) {
  Ended ended;
  ended.disk = marked(vm, "DISK", "DISK_SNAPSHOT_ACTIVE");
  if (!ended.disk) return ended;
  ended.snapshot = ended.disk->number<int>("DISK_SNAPSHOT_ID").value_or(-1);
  ended.disk->erase("DISK_SNAPSHOT_ACTIVE");
  ended.disk->erase("DISK_SNAPSHOT_ID");
  ended.set = find_set(vm, ended.disk->get("DISK_ID"));
  if (ended.set && !find_snapshot(*ended.set, ended.snapshot)) ended.set = nullptr;
  return ended;
}

void share_with_image(Draft& draft, const Vm& vm, const Vector& disk) {
  if (!disk.yes("PERSISTENT")) return;
  const auto image = draft.edit<Image>(ImageId{disk.number<int>("IMAGE_ID").value_or(-1)});
  if (image) return_image_snapshots(vm, disk, **image);
}

void end_without(Draft& draft, Vm& vm, const Ended& ended) {
  delete_snapshot(*ended.set, ended.snapshot);
  if (ended.set->vectors("SNAPSHOT").empty()) {
    forget_disk_snapshots(vm, ended.disk->get("DISK_ID"));
  }
  count_size(vm, *ended.disk);
  share_with_image(draft, vm, *ended.disk);
}

}  // namespace

Result<int> create_disk_snapshot(Draft& draft, const ChangeOrder& order, int disk_id,
                                 const std::string& name) {
  NUBO_TRY(const Place place, find_place(draft, order, disk_id));
  auto& [vm, disk] = place;
  NUBO_CHECK(check_creatable(*vm, *disk));
  NUBO_CHECK(check_state(*vm, VmEvent::disk_snapshot_create,
                         fmt::format("create a new snapshot for VM {}", vm->id)));
  if (!find_set(*vm, disk->get("DISK_ID"))) {
    Template fresh;
    fresh.set("ALLOW_ORPHANS", tree_word(*disk));
    fresh.set("CURRENT_BASE", "-1");
    fresh.set("DISK_ID", disk->get("DISK_ID"));
    fresh.set("NEXT_SNAPSHOT", "0");
    vm->snapshots.push_back(std::move(fresh));
  }
  Template& set = *find_set(*vm, disk->get("DISK_ID"));
  const int id = set.number<int>("NEXT_SNAPSHOT").value_or(0);
  Vector snapshot{{"ID", std::to_string(id)},
                  {"DATE", std::to_string(draft.now().count())},
                  {"SIZE", disk->get("SIZE")}};
  if (!name.empty()) snapshot.set("NAME", name);
  add_snapshot(set, std::move(snapshot));
  set.set("NEXT_SNAPSHOT", std::to_string(id + 1));
  count_size(*vm, *disk);
  mark(*disk, id);
  NUBO_CHECK(step(draft, order.vm, VmEvent::disk_snapshot_create, order.caller));
  return id;
}

Status revert_disk_snapshot(Draft& draft, const DiskSnapshotOrder& order) {
  NUBO_TRY(const Place place, find_place(draft, order.change, order.disk));
  auto& [vm, disk] = place;
  NUBO_CHECK(check_state(*vm, VmEvent::disk_snapshot_revert,
                         fmt::format("revert to disk snapshot for VM {}", vm->id)));
  Template* set = find_set(*vm, disk->get("DISK_ID"));
  if (!set) return fail(Code::action, "Snapshot does not exist");
  if (!find_snapshot(*set, order.snapshot)) {
    return fail(Code::action, "Disk id ({}) or snapshot id ({}) is not valid.", order.disk,
                order.snapshot);
  }
  mark(*disk, order.snapshot);
  return step(draft, order.change.vm, VmEvent::disk_snapshot_revert, order.change.caller);
}

Status delete_disk_snapshot(Draft& draft, const DiskSnapshotOrder& order) {
  NUBO_TRY(const Place place, find_place(draft, order.change, order.disk));
  auto& [vm, disk] = place;
  NUBO_CHECK(check_state(*vm, VmEvent::disk_snapshot_delete,
                         fmt::format("delete disk snapshot from VM {}", vm->id)));
  Template* set = find_set(*vm, disk->get("DISK_ID"));
  const Vector* snapshot = set ? find_snapshot(*set, order.snapshot) : nullptr;
  if (!snapshot) return fail(Code::action, "Snapshot does not exist");
  NUBO_CHECK(check_deletable(*set, *disk, *snapshot));
  mark(*disk, order.snapshot);
  return step(draft, order.change.vm, VmEvent::disk_snapshot_delete, order.change.caller);
}

Status rename_disk_snapshot(Draft& draft, const DiskSnapshotOrder& order, const std::string& name) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.change.vm));
  Template* set = find_set(*vm, std::to_string(order.disk));
  if (!set) return fail(Code::action, "The VM does not have any snapshot");
  Vector* snapshot = find_snapshot(*set, order.snapshot);
  if (!snapshot) return fail(Code::action, "Snapshot does not exist");
  snapshot->set("NAME", name);
  return ok();
}

bool has_disk_snapshot(const Vm& vm, int disk, int snapshot) {
  Template* set = find_set(const_cast<Vm&>(vm), std::to_string(disk));
  return set && find_snapshot(*set, snapshot);
}

void forget_disk_snapshots(Vm& vm, std::string_view disk_id) {
  std::erase_if(vm.snapshots,
                [disk_id](const Template& set) { return set.get("DISK_ID") == disk_id; });
}

void drop_disk_snapshots_of_clones(Vm& vm) {
  for (Vector* disk : vm.system.vectors("DISK")) {
    if (disk->yes("PERSISTENT") || !find_set(vm, disk->get("DISK_ID"))) continue;
    forget_disk_snapshots(vm, disk->get("DISK_ID"));
    count_size(vm, *disk);
  }
}

void take_image_snapshots(Vm& vm, const Vector& disk, const Image& image) {
  if (!disk.yes("PERSISTENT") || image.snapshots.vectors("SNAPSHOT").empty()) return;
  Template set = image.snapshots;
  set.set("DISK_ID", disk.get("DISK_ID"));
  vm.snapshots.push_back(std::move(set));
}

void return_image_snapshots(const Vm& vm, const Vector& disk, Image& image) {
  const Template* set = find_set(vm, disk.get("DISK_ID"));
  image.snapshots = set ? *set : Template();
  image.snapshots.erase("DISK_ID");
  image.size_mb = std::max(image.size_mb, disk.number<long long>("SIZE").value_or(0));
}

void keep_disk_snapshot(Draft& draft, Vm& vm, const Effect&) {
  const Ended ended = take_mark(vm);
  if (!ended.set) return;
  settle_snapshot(*ended.set, ended.snapshot);
  share_with_image(draft, vm, *ended.disk);
}

void drop_new_disk_snapshot(Draft& draft, Vm& vm, const Effect&) {
  const Ended ended = take_mark(vm);
  if (ended.set) end_without(draft, vm, ended);
}

void make_disk_snapshot_active(Draft& draft, Vm& vm, const Effect&) {
  const Ended ended = take_mark(vm);
  if (!ended.set) return;
  Template& set = *ended.set;
  const std::string& size = find_snapshot(set, ended.snapshot)->get("SIZE");
  if (!size.empty()) ended.disk->set("SIZE", size);
  activate_snapshot(set, ended.snapshot);
  count_size(vm, *ended.disk);
  share_with_image(draft, vm, *ended.disk);
}

void drop_disk_snapshot(Draft& draft, Vm& vm, const Effect&) {
  const Ended ended = take_mark(vm);
  if (ended.set) end_without(draft, vm, ended);
}

void leave_disk_snapshots(Draft&, Vm& vm, const Effect&) { take_mark(vm); }

}  // namespace nubo
