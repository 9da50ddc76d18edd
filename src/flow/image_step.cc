// SPDX-License-Identifier: Apache-2.0
#include "flow/image_step.h"

#include <fmt/core.h>

#include <array>
#include <vector>

#include "base/dates.h"
#include "flow/vm_step.h"
#include "model/snapshot_tree.h"

namespace nubo {
namespace {

/// The state after the work that locked the image has succeeded.
ImageState unlocked(const Image& image) {
  if (image.vms.empty() && image.clones.empty()) return ImageState::ready;
  return image.persistent ? ImageState::used_persistent : ImageState::used;
}

void release_origin(Draft& draft, Image& clone) {
  const auto origin = draft.edit<Image>(clone.cloning_id);
  clone.cloning_id = {};
  if (!origin) return;
  Image& source = **origin;
  source.clones.erase(clone.id);
  source.cloning_ops = static_cast<int>(source.clones.size() + source.app_clones.size());
  if (source.clones.empty()) set_state(source, unlocked(source));
}

void drop_image(Draft& draft, const Image& image) {
  if (const auto datastore = draft.edit<Datastore>(image.datastore_id)) {
    (*datastore)->images.erase(image.id);
  }
  draft.erase<Image>(image.id);
}

Status wake_waiting_vms(Draft& draft, const Image& image) {
  const IdSet<VmTag> waiting = image.vms;
  for (const VmId id : waiting) {
    const Vm* vm = draft.find<Vm>(id);
    const bool cloning =
        vm && (vm->state == VmState::cloning || vm->state == VmState::cloning_failure);
    if (cloning) NUBO_CHECK(step_cloning(draft, id));
  }
  return ok();
}

void fail_image(Draft& draft, Image& image, const Effect& effect, const OperationOutcome& outcome) {
  set_state(image, ImageState::error);
  image.attributes.set("ERROR", fmt::format("{} : Error in operation {} of image {}: {}",
                                            date_text(draft.now()), effect.operation, image.id,
                                            outcome.error));
}

Status finish_making(Draft& draft, Image& image, const Effect& effect,
                     const OperationOutcome& outcome) {
  const auto source = outcome.data.find("source");
  const bool made = outcome.good && source != outcome.data.end() && !source->second.empty();
  if (image.cloning_id.is_set()) release_origin(draft, image);
  if (!made) {
    fail_image(draft, image, effect, outcome);
    return wake_waiting_vms(draft, image);
  }
  image.source = source->second;
  if (const auto format = outcome.data.find("format"); format != outcome.data.end()) {
    image.format = format->second;
  }
  set_state(image, unlocked(image));
  return wake_waiting_vms(draft, image);
}

Status finish_removing(Draft& draft, Image& image, const Effect& effect,
                       const OperationOutcome& outcome) {
  if (outcome.good || image.attributes.yes("FORCE_DELETE")) {
    drop_image(draft, image);
  } else {
    fail_image(draft, image, effect, outcome);
  }
  return ok();
}

/// What a driver has done to a snapshot, in the image's tree. A driver that cannot leaves all as it
/// was, with the reason.
void change_snapshots(Image& image, const std::string& operation) {
  if (operation == "ds.snap_flatten") {
    image.snapshots = {};
  } else if (operation == "ds.snap_delete") {
    delete_snapshot(image.snapshots, image.target_snapshot);
  } else {
    activate_snapshot(image.snapshots, image.target_snapshot);
    const Vector* active = find_snapshot(image.snapshots, image.target_snapshot);
    if (active) image.size_mb = active->number<long long>("SIZE").value_or(image.size_mb);
  }
}

Status finish_snapshot(Draft& draft, Image& image, const Effect& effect,
                       const OperationOutcome& outcome) {
  if (outcome.good) {
    change_snapshots(image, effect.operation);
  } else {
    fail_image(draft, image, effect, outcome);
  }
  image.target_snapshot = -1;
  set_state(image, ImageState::ready);
  return ok();
}

struct Finish {
  std::string_view operation;
  Status (*apply)(Draft&, Image&, const Effect&, const OperationOutcome&);
};

constexpr std::array finishes{
    Finish{"ds.cp", finish_making},
    Finish{"ds.mkfs", finish_making},
    Finish{"ds.clone", finish_making},
    Finish{"ds.rm", finish_removing},
    Finish{"ds.snap_delete", finish_snapshot},
    Finish{"ds.snap_revert", finish_snapshot},
    Finish{"ds.snap_flatten", finish_snapshot},
};

}  // namespace

Status finish_image_operation(Draft& draft, const Effect& effect, const OperationOutcome& outcome) {
  const auto image = draft.edit<Image>(ImageId{effect.object});
  if (!image) return ok();
  for (const Finish& finish : finishes) {
    if (finish.operation == effect.operation) {
      return finish.apply(draft, **image, effect, outcome);
    }
  }
  return fail(Code::internal, "image {} has an effect of unknown operation {}", effect.object,
              effect.operation);
}

}  // namespace nubo
