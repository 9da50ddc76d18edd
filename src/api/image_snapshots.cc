// SPDX-License-Identifier: Apache-2.0
// one.image.snapshotdelete, snapshotrevert, snapshotflatten and restore (sheets api.md §7,
// objects.md §2.8-2.9, §2.11).
#include "api/generic.h"
#include "api/image_template.h"
#include "model/snapshot_tree.h"

namespace nubo::api {
namespace {

Result<Ptr<Image>> with_snapshot(const Draft& draft, const Context& call) {
  NUBO_TRY(const auto image,
           permitted<Image>(draft.view(), call, call.args.integer(0), Right::manage));
  if (image->kind != ImageType::os && image->kind != ImageType::datablock) {
    return fail(Code::action,
                "IMAGES of type KERNEL, RAMDISK, BACKUP, FILESYSTEM and CONTEXT does not have "
                "snapshots.");
  }
  if (!find_snapshot(image->snapshots, call.args.integer(1))) {
    return fail(Code::action, "Snapshot does not exist");
  }
  if (image->state != ImageState::ready) {
    return fail(Code::action, "Image {} cannot change its snapshots in state {}", image->id,
                name_of(image->state));
  }
  return image;
}

/// The image waits in state LOCKED for the driver, whose answer changes the tree.
Result<Value> ask(Draft& draft, const Image& image, int snapshot, const char* operation) {
  NUBO_TRY(Image * changed, draft.edit<Image>(image.id));
  set_state(*changed, ImageState::locked);
  changed->target_snapshot = snapshot;
  NUBO_CHECK(draft.emit({.subject = "image", .object = image.id.value, .operation = operation}));
  return Value(image.id.value);
}

Result<Value> snapshot_delete(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image, with_snapshot(draft, call));
  const int id = call.args.integer(1);
  if (!may_delete_snapshot(image->snapshots, id)) {
    return fail(Code::action, "Cannot delete snapshot {}: it is active or has children", id);
  }
  return ask(draft, *image, id, "ds.snap_delete");
}

Result<Value> snapshot_revert(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image, with_snapshot(draft, call));
  return ask(draft, *image, call.args.integer(1), "ds.snap_revert");
}

Result<Value> snapshot_flatten(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image, with_snapshot(draft, call));
  return ask(draft, *image, call.args.integer(1), "ds.snap_flatten");
}

/// Names an image that is missing and rights that are, where oned reports a success.
Result<Value> restore(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image,
           permitted<Image>(draft.view(), call, call.args.integer(0), Right::use));
  NUBO_CHECK(permitted<Datastore>(draft.view(), call, call.args.integer(1), Right::use));
  NUBO_CHECK(parse_template(call.args.text(2)));
  if (image->kind != ImageType::backup) {
    return fail(Code::action, "Can only restore images of type BACKUP");
  }
  return fail(Code::action, "Backups cannot be restored as yet");
}

}  // namespace

std::vector<Call> image_snapshot_calls() {
  const Parameter a_snapshot{"snapshot", Type::integer};
  return {
      {"one.image.snapshotdelete", {an_id, a_snapshot}, snapshot_delete},
      {"one.image.snapshotrevert", {an_id, a_snapshot}, snapshot_revert},
      {"one.image.snapshotflatten", {an_id, a_snapshot}, snapshot_flatten},
      {"one.image.restore",
       {an_id, {"datastore", Type::integer}, a_template},
       restore,
       "backups cannot be restored as yet"},
  };
}

}  // namespace nubo::api
