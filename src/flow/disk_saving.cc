// SPDX-License-Identifier: Apache-2.0
#include "flow/disk_saving.h"

#include "base/dates.h"
#include "flow/disk_snapshots.h"
#include "flow/vm_step.h"

namespace nubo {
namespace {

constexpr const char* active = "HOTPLUG_SAVE_AS_ACTIVE";
constexpr const char* target = "HOTPLUG_SAVE_AS";
constexpr const char* snapshot_key = "HOTPLUG_SAVE_AS_SNAPSHOT_ID";

/// The image that the disk was being copied to; the disk's marks go.
Image* take_image(Draft& draft, Vm& vm) {
  Vector* disk = marked(vm, "DISK", active);
  if (!disk) return nullptr;
  const auto image = draft.edit<Image>(ImageId{disk->number<int>(target).value_or(-1)});
  for (const char* key : {active, target, snapshot_key}) disk->erase(key);
  return image ? *image : nullptr;
}

}  // namespace

Result<ImageId> check_saving(const Vm& vm, int disk_id, int snapshot) {
  if (!find_row(vm.states(), VmEvent::save_disk)) {
    return fail(Code::internal, "VM has to be RUNNING, POWEROFF or SUSPENDED to save disks.");
  }
  const Vector* disk = device(vm, "DISK", "DISK_ID", disk_id);
  if (!disk) return fail(Code::internal, "Cannot use DISK. DISK does not exist.");
  const auto image = disk->number<int>("IMAGE_ID");
  if (!image) {
    return fail(Code::internal, "Cannot use DISK. DISK does not have a valid IMAGE_ID.");
  }
  if (snapshot != -1 && !has_disk_snapshot(vm, disk_id, snapshot)) {
    return fail(Code::internal, "Cannot use DISK. Snapshot does not exist.");
  }
  return ImageId{*image};
}

Status save_disk(Draft& draft, const SaveOrder& order) {
  NUBO_TRY(Vm* const vm, draft.edit<Vm>(order.change.vm));
  NUBO_CHECK(check_saving(*vm, order.disk, order.snapshot));
  Vector& disk = *device(*vm, "DISK", "DISK_ID", order.disk);
  disk.set(active, "YES");
  disk.set(target, std::to_string(order.image.value));
  disk.set(snapshot_key, std::to_string(order.snapshot));
  return step(draft, order.change.vm, VmEvent::save_disk, order.change.caller);
}

void keep_saved_disk(Draft& draft, Vm& vm, const Effect& effect) {
  Image* image = take_image(draft, vm);
  if (!image) return;
  image->source = effect.arguments.get("source");
  if (const std::string& format = effect.arguments.get("format"); !format.empty()) {
    image->format = format;
  }
  set_state(*image, image->source.empty() ? ImageState::error : ImageState::ready);
}

void drop_saved_disk(Draft& draft, Vm& vm, const Effect&) {
  Image* image = take_image(draft, vm);
  if (!image) return;
  set_state(*image, ImageState::error);
  image->attributes.set("ERROR", fmt::format("{} : the disk of VM {} could not be saved",
                                             date_text(draft.now()), vm.id));
}

}  // namespace nubo
