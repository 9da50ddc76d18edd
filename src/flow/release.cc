// SPDX-License-Identifier: Apache-2.0
#include "flow/release.h"

#include <array>
#include <set>
#include <string>

#include "flow/disk_snapshots.h"
#include "flow/scheduled_actions.h"
#include "flow/vm_groups.h"
#include "flow/vm_nics.h"

namespace nubo {
namespace {

struct UseRow {
  ImageState free;
  ImageState used;
  ImageState used_persistent;
};

constexpr std::array use_rows{
    UseRow{ImageState::ready, ImageState::used, ImageState::used_persistent},
    UseRow{ImageState::locked, ImageState::locked_used, ImageState::locked_used_persistent},
};

bool shareable(const Image& image) {
  return image.attributes.get("PERSISTENT_TYPE") == "SHAREABLE";
}

/// The state after one more use, or nothing when the image cannot be used.
std::optional<ImageState> used_state(const Image& image) {
  for (const UseRow& row : use_rows) {
    if (image.state == row.free) return image.persistent ? row.used_persistent : row.used;
    if (image.state == row.used) return image.state;
    if (image.state == row.used_persistent && shareable(image)) return image.state;
  }
  return {};
}

/// The state when nobody uses it any more.
ImageState free_state(const Image& image) {
  for (const UseRow& row : use_rows) {
    if (image.state == row.used || image.state == row.used_persistent) return row.free;
  }
  return image.state;
}

void release_images(Draft& draft, const Vm& vm) {
  const bool disks_came_back = vm.state != VmState::active || vm.lcm_state == LcmState::epilog ||
                               vm.lcm_state == LcmState::epilog_failure;
  std::set<int> images;
  for (const Vector* disk : vm.system.vectors("DISK")) {
    const auto id = disk->number<int>("IMAGE_ID");
    if (!id) continue;
    images.insert(*id);
    const auto image = draft.edit<Image>(ImageId{*id});
    if (image && disk->yes("PERSISTENT")) return_image_snapshots(vm, *disk, **image);
  }
  for (const int id : images) release_image(draft, ImageId{id}, vm.id, !disks_came_back);
}

void leave_router(Draft& draft, const Vm& vm) {
  const auto id = vm.system.number<int>("VROUTER_ID");
  if (!id) return;
  if (const auto router = draft.edit<VirtualRouter>(VirtualRouterId{*id})) {
    (*router)->vms.erase(vm.id);
  }
}

}  // namespace

Status acquire_image(Draft& draft, ImageId id, VmId vm) {
  NUBO_TRY(Image* const image, draft.edit<Image>(id));
  const auto state = used_state(*image);
  if (!state) {
    if (image->persistent && !image->vms.empty()) {
      return fail(Code::internal, "Cannot acquire image {}, it is persistent and already in use",
                  id);
    }
    return fail(Code::internal, "Cannot acquire image {}, it is in state: {}", id,
                name_of(image->state));
  }
  set_state(*image, *state);
  image->vms.insert(vm);
  image->running_vms = static_cast<int>(image->vms.size());
  return ok();
}

void release_image(Draft& draft, ImageId id, VmId vm, bool broken) {
  const auto found = draft.edit<Image>(id);
  if (!found) return;
  Image& image = **found;
  if (image.vms.erase(vm) == 0) return;
  image.running_vms = static_cast<int>(image.vms.size());
  if (image.persistent) image.modification_time = draft.now();
  if (broken && image.state == ImageState::used_persistent) {
    set_state(image, ImageState::error);
  } else if (image.vms.empty() && image.clones.empty()) {
    set_state(image, free_state(image));
  }
}

void release_resources(Draft& draft, Vm& vm) {
  release_images(draft, vm);
  release_nics(draft, vm);
  leave_vm_group(draft, vm);
  leave_router(draft, vm);
  drop_scheduled_actions(draft, vm);
  vm.end_time = draft.now();
  History* record = vm.current();
  if (!record) return;
  constexpr EpochSeconds never{};
  if (record->running_start != never && record->running_end == never) {
    record->running_end = draft.now();
  }
  if (record->end_time == never) record->end_time = draft.now();
}

void fill_cloned_disks(const Draft& draft, Vm& vm) {
  for (Vector* disk : vm.system.vectors("DISK")) {
    if (!disk->erase("CLONING")) continue;
    const Image* image = draft.find<Image>(ImageId{disk->number<int>("IMAGE_ID").value_or(-1)});
    if (!image) continue;
    disk->set("SOURCE", image->source);
    disk->set("FORMAT", image->format);
    disk->set("DRIVER", image->format);
  }
}

}  // namespace nubo
