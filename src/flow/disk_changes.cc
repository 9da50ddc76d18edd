// SPDX-License-Identifier: Apache-2.0
#include "flow/disk_changes.h"

#include <fmt/core.h>

#include <algorithm>

#include "flow/device_names.h"
#include "flow/disk_snapshots.h"
#include "flow/release.h"
#include "flow/vm_disks.h"
#include "flow/vm_place.h"
#include "flow/vm_step.h"
#include "text/trim.h"

namespace nubo {
namespace {

/// The next number, above those of all disks, of the context CD, and of disks that may have left a
/// file behind.
int next_disk_id(const Vm& vm) {
  int last = vm.spent_disk_id;
  for (const char* name : {"DISK", "CONTEXT"}) {
    for (const Vector* disk : vm.system.vectors(name)) {
      last = std::max(last, disk->number<int>("DISK_ID").value_or(-1));
    }
  }
  return last + 1;
}

Status check_image_is_ready(const Draft& draft, const Vector& disk) {
  const Image* image = draft.find<Image>(ImageId{disk.number<int>("IMAGE_ID").value_or(-1)});
  if (!image || !disk.contains("CLONING")) return ok();
  return fail(Code::action, "Cannot acquire image {}, it is in state: {}", image->id,
              name_of(image->state));
}

Status check_cluster(const Draft& draft, const Vector& disk, const History& record) {
  const Datastore* datastore =
      draft.find<Datastore>(DatastoreId{disk.number<int>("DATASTORE_ID").value_or(-1)});
  if (!datastore || datastore->clusters.contains(record.cluster_id)) return ok();
  return fail(Code::action, "Datastore {} of the disk is not in cluster {} of VM {}", datastore->id,
              record.cluster_id, record.vm);
}

Status complete(Draft& draft, Vm& vm, Vector& disk, const VmSettings& settings) {
  const History& record = *vm.current();
  NUBO_TRY(const Datastore* const system, draft.get<Datastore>(record.datastore_id));
  disk.set("DISK_ID", std::to_string(next_disk_id(vm)));
  disk.set("TM_MAD_SYSTEM", system->tm_mad);
  NUBO_CHECK(complete_disk(draft, vm, disk, settings));
  NUBO_CHECK(check_image_is_ready(draft, disk));
  NUBO_CHECK(check_cluster(draft, disk, record));
  NUBO_CHECK(adapt_disk(draft, disk, *system, settings));
  return assign_target(vm, disk, settings);
}

/// The VM no longer uses the disk's image, unless another of its disks does.
void release(Draft& draft, const Vm& vm, const Vector& disk) {
  const auto image = disk.number<int>("IMAGE_ID");
  if (!image) return;
  int uses = 0;
  for (const Vector* each : vm.system.vectors("DISK")) {
    uses += each->number<int>("IMAGE_ID") == image ? 1 : 0;
  }
  if (uses == 1) release_image(draft, ImageId{*image}, vm.id, false);
}

Status begin(Draft& draft, const ChangeOrder& order, VmEvent event) {
  return step(draft, order.vm, event, order.caller);
}

bool is_persistent(const Vector& disk) { return disk.yes("PERSISTENT"); }

}  // namespace

Status attach_disk(Draft& draft, const ChangeOrder& order, Vector disk,
                   const VmSettings& settings) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  NUBO_CHECK(check_changeable(*vm));
  NUBO_CHECK(
      check_state(*vm, VmEvent::attach_disk, fmt::format("attach a new disk to VM {}", vm->id)));
  if (auto completed = complete(draft, *vm, disk, settings); !completed) {
    completed.error().code = Code::action;
    return completed;
  }
  disk.set("ATTACH", "YES");
  vm->system.add("DISK", std::move(disk));
  return begin(draft, order, VmEvent::attach_disk);
}

Status detach_disk(Draft& draft, const ChangeOrder& order, int disk_id) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  Vector* disk = device(*vm, "DISK", "DISK_ID", disk_id);
  if (!disk) return fail(Code::action, "VM disk does not exist");
  NUBO_CHECK(check_changeable(*vm));
  NUBO_CHECK(check_state(*vm, VmEvent::detach_disk, fmt::format("detach disk from VM {}", vm->id)));
  if (upper_case(disk->get("TYPE")) == "FILESYSTEM") {
    return fail(Code::action, "Disks of type FILESYSTEM cannot be detached");
  }
  disk->set("ATTACH", "YES");
  return begin(draft, order, VmEvent::detach_disk);
}

Status resize_disk(Draft& draft, const ChangeOrder& order, int disk_id, long long size_mb) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.vm));
  Vector* disk = device(*vm, "DISK", "DISK_ID", disk_id);
  if (!disk) return fail(Code::action, "VM disk does not exist");
  if (size_mb <= disk->number<long long>("SIZE").value_or(0)) {
    return fail(Code::action, "New disk size has to be greater than current one");
  }
  if (upper_case(disk->get("TYPE")) == "FILESYSTEM") {
    return fail(Code::action, "Disks of type FILESYSTEM cannot be resized");
  }
  NUBO_CHECK(check_state(*vm, VmEvent::resize_disk, fmt::format("resize disk for VM {}", vm->id)));
  disk->set("SIZE_PREV", disk->get("SIZE"));
  disk->set("RESIZE", "YES");
  disk->set("SIZE", std::to_string(size_mb));
  return begin(draft, order, VmEvent::resize_disk);
}

void keep_disk(Draft&, Vm& vm, const Effect&) {
  if (Vector* disk = marked(vm, "DISK", "ATTACH")) disk->erase("ATTACH");
}

void drop_disk(Draft& draft, Vm& vm, const Effect&) {
  const Vector* disk = marked(vm, "DISK", "ATTACH");
  if (!disk) return;
  release(draft, vm, *disk);
  forget_disk_snapshots(vm, disk->get("DISK_ID"));
  vm.system.erase_if([disk](const Attribute& each) { return each.vector() == disk; });
}

void drop_new_disk(Draft& draft, Vm& vm, const Effect& effect) {
  if (const Vector* disk = marked(vm, "DISK", "ATTACH")) {
    vm.spent_disk_id = std::max(vm.spent_disk_id, disk->number<int>("DISK_ID").value_or(-1));
  }
  drop_disk(draft, vm, effect);
}

void keep_disk_size(Draft& draft, Vm& vm, const Effect&) {
  Vector* disk = marked(vm, "DISK", "RESIZE");
  if (!disk) return;
  disk->erase("RESIZE");
  disk->erase("SIZE_PREV");
  const auto image = draft.edit<Image>(ImageId{disk->number<int>("IMAGE_ID").value_or(-1)});
  const bool is_the_image = is_persistent(*disk) && disk->get("LN_TARGET") == "NONE";
  if (image && is_the_image) (*image)->size_mb = disk->number<long long>("SIZE").value_or(0);
}

void restore_disk_size(Draft&, Vm& vm, const Effect&) {
  Vector* disk = marked(vm, "DISK", "RESIZE");
  if (!disk) return;
  disk->set("SIZE", disk->get("SIZE_PREV"));
  disk->erase("RESIZE");
  disk->erase("SIZE_PREV");
}

}  // namespace nubo
