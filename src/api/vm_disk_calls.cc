// SPDX-License-Identifier: Apache-2.0
// one.vm.attach, detach, diskresize, disksaveas, disksnapshot* (sheets api.md §7, vm-lifecycle.md
// §2.5).
#include "api/datastore_template.h"
#include "api/generic.h"
#include "api/image_copies.h"
#include "api/image_template.h"
#include "api/preferences.h"
#include "api/vm_life.h"
#include "flow/disk_changes.h"
#include "flow/disk_saving.h"
#include "flow/disk_snapshots.h"

namespace nubo::api {
namespace {

/// The image behind a disk when the caller has the right to it; nothing to do without one.
Status authorize_image(const Draft& draft, const Context& call, const Vector* disk, Right right) {
  const auto id = disk ? disk->number<int>("IMAGE_ID") : std::nullopt;
  if (!id) return ok();
  NUBO_CHECK(permitted<Image>(draft.view(), call, *id, right));
  return ok();
}

const Vector* disk_of(const Vm& vm, int disk) { return device(vm, "DISK", "DISK_ID", disk); }

/// What is charged to a persistent image needs its owner's leave.
Status authorize_persistent(const Draft& draft, const Context& call, const Vm& vm, int disk_id) {
  const Vector* disk = disk_of(vm, disk_id);
  if (!disk || !disk->yes("PERSISTENT")) return ok();
  return authorize_image(draft, call, disk, Right::manage);
}

/// A persistent image grows with its disk when the driver is done; its owner's quotas are asked now.
Status check_image_room(const Draft& draft, const Context& call, const Vector& disk,
                        long long more_mb) {
  if (!disk.yes("PERSISTENT")) return ok();
  NUBO_TRY(const Image* const image,
           draft.get<Image>(ImageId{disk.number<int>("IMAGE_ID").value_or(-1)}));
  Bill more{image->uid, image->gid, {}};
  more.add(QuotaSection::datastore, image->datastore_id.value, MetricPlaces::size,
           whole_amount(more_mb));
  return over_quota(call, draft.quotas_allow(more));
}

long long size_of(const Vector& disk) { return disk.number<long long>("SIZE").value_or(0); }

Result<Value> attach(Draft& draft, const Context& call) {
  NUBO_TRY(const Vector disk,
           given_vector(call, 1, "DISK", {Code::action, "Internal error parsing DISK attribute"}));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "disk-attach"));
  NUBO_CHECK(attach_disk(draft, {vm->id, caller_of(call)}, disk, call.env.vm_settings));
  const Vector* attached = marked(*draft.find<Vm>(vm->id), "DISK", "ATTACH");
  NUBO_CHECK(authorize_image(draft, call, attached, Right::use));
  return vm->id.value;
}

Result<Value> detach(Draft& draft, const Context& call) {
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "disk-attach"));
  NUBO_CHECK(detach_disk(draft, {vm->id, caller_of(call)}, call.args.integer(1)));
  return vm->id.value;
}

Result<Value> disk_resize(Draft& draft, const Context& call) {
  NUBO_TRY(const Vm* const known, draft.get<Vm>(VmId{call.args.integer(0)}));
  const int disk = call.args.integer(1);
  const auto size = parse_number<long long>(call.args.text(2));
  if (!size) return fail(Code::action, "Disk SIZE is not a valid integer");
  if (!disk_of(*known, disk)) return fail(Code::action, "VM disk does not exist");
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, known->id.value, "disk-resize"));
  NUBO_CHECK(authorize_persistent(draft, call, *vm, disk));
  if (const Vector& now = *disk_of(*vm, disk); now.get("LN_TARGET") == "NONE") {
    NUBO_CHECK(check_image_room(draft, call, now, *size - size_of(now)));
  }
  NUBO_CHECK(resize_disk(draft, {vm->id, caller_of(call)}, disk, *size));
  return vm->id.value;
}

// --- snapshots ----------------------------------------------------------------------------------

Result<DiskSnapshotOrder> snapshot_order(Draft& draft, const Context& call) {
  NUBO_TRY(const Vm* const known, draft.get<Vm>(VmId{call.args.integer(0)}));
  const int disk = call.args.integer(1);
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, known->id.value, "disk-snapshot"));
  return DiskSnapshotOrder{
      .change = {vm->id, caller_of(call)}, .disk = disk, .snapshot = call.args.integer(2)};
}

Status check_disk(const Draft& draft, const Context& call) {
  NUBO_TRY(const Vm* const vm, draft.get<Vm>(VmId{call.args.integer(0)}));
  if (!disk_of(*vm, call.args.integer(1))) return fail(Code::action, "VM disk does not exist");
  return ok();
}

Result<Value> snapshot_create(Draft& draft, const Context& call) {
  NUBO_CHECK(check_disk(draft, call));
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, call.args.integer(0), "disk-snapshot"));
  const int disk = call.args.integer(1);
  NUBO_CHECK(authorize_persistent(draft, call, *vm, disk));
  const Vector& now = *disk_of(*vm, disk);
  NUBO_CHECK(check_image_room(draft, call, now, size_of(now)));
  NUBO_TRY(const int id,
           create_disk_snapshot(draft, {vm->id, caller_of(call)}, disk, call.args.text(2)));
  return id;
}

Result<Value> snapshot_revert(Draft& draft, const Context& call) {
  NUBO_CHECK(check_disk(draft, call));
  NUBO_TRY(const DiskSnapshotOrder order, snapshot_order(draft, call));
  NUBO_CHECK(revert_disk_snapshot(draft, order));
  return order.change.vm.value;
}

Result<Value> snapshot_delete(Draft& draft, const Context& call) {
  NUBO_CHECK(check_disk(draft, call));
  NUBO_TRY(const DiskSnapshotOrder order, snapshot_order(draft, call));
  NUBO_CHECK(authorize_persistent(draft, call, *draft.find<Vm>(order.change.vm), order.disk));
  NUBO_CHECK(delete_disk_snapshot(draft, order));
  return order.change.vm.value;
}

Result<Value> snapshot_rename(Draft& draft, const Context& call) {
  NUBO_TRY(const DiskSnapshotOrder order, snapshot_order(draft, call));
  NUBO_CHECK(rename_disk_snapshot(draft, order, call.args.text(3)));
  return order.change.vm.value;
}

// --- saveas -------------------------------------------------------------------------------------

/// This call's failures name the VM.
template <class T>
Result<T> naming(Result<T> outcome, int vm) {
  if (!outcome) outcome.error().object = vm;
  return outcome;
}

Result<Image> image_for(const Draft& draft, const Context& call, const Vector& disk,
                        const Image& source) {
  NUBO_TRY(const Datastore* const datastore, draft.get<Datastore>(source.datastore_id));
  const auto size = disk.number<long long>("SIZE").value_or(source.size_mb);
  if (checks_capacity(*datastore, call.settings()) && size > available_mb(*datastore)) {
    return fail(Code::action, "Not enough space in datastore");
  }
  Template given;
  const std::string& type = call.args.text(3);
  given.set("NAME", call.args.text(2));
  given.set("TYPE", type.empty() ? std::string(word_of(source.kind)) : type);
  given.set("PERSISTENT", preference(call, "DEFAULT_IMAGE_PERSISTENT"));
  given.set("SAVED_DISK_ID", disk.get("DISK_ID"));
  given.set("SAVED_IMAGE_ID", disk.get("IMAGE_ID"));
  given.set("SAVED_VM_ID", std::to_string(call.args.integer(0)));
  if (const std::string& prefix = source.attributes.get("DEV_PREFIX"); !prefix.empty()) {
    given.set("DEV_PREFIX", prefix);
  }
  auto image = image_from(std::move(given), *datastore, size, call.settings());
  if (!image) return allocate_failure(ObjectType::image, image.error());
  if (!disk.get("FORMAT").empty()) image->format = disk.get("FORMAT");
  image->fs = source.fs;
  return image;
}

Result<Value> save_as(Draft& draft, const Context& call) {
  const int id = call.args.integer(0);
  const int disk = call.args.integer(1);
  const int snapshot = call.args.integer(4);
  NUBO_TRY(const Vm* const known, draft.get<Vm>(VmId{id}));
  NUBO_TRY(const ImageId source_id, check_saving(*known, disk, snapshot));
  NUBO_TRY(const Ptr<Image> source, draft.view().get<Image>(source_id));
  if (!is_disk(source->kind)) {
    return fail(Code::internal, "Cannot save_as image of type {}", word_of(source->kind));
  }
  NUBO_TRY(const Ptr<Vm> vm, permitted_vm(draft, call, id, "disk-saveas"));
  NUBO_TRY(const Ptr<Datastore> datastore, draft.view().get<Datastore>(source->datastore_id));
  NUBO_CHECK(authorize(
      draft.view(), call,
      {{Right::create, new_object(ObjectType::image)}, {Right::use, guard_of(*datastore)}}));
  NUBO_TRY(Image image, image_for(draft, call, *disk_of(*vm, disk), *source));
  NUBO_TRY(const ImageId made, store_image(draft, call, std::move(image), Contents::of_vm_disk));
  NUBO_CHECK(save_disk(
      draft,
      {.change = {vm->id, caller_of(call)}, .disk = disk, .snapshot = snapshot, .image = made}));
  NUBO_CHECK(settle_quotas(draft, call));
  return made.value;
}

Result<Value> disk_save_as(Draft& draft, const Context& call) {
  return naming(save_as(draft, call), call.args.integer(0));
}

}  // namespace

std::vector<Call> vm_disk_calls() {
  const Parameter disk{"disk", Type::integer};
  const Parameter snapshot{"snapshot", Type::integer};
  return {
      {"one.vm.attach", {an_id, a_template}, attach},
      {"one.vm.detach", {an_id, disk}, detach},
      {"one.vm.diskresize", {an_id, disk, {"size", Type::text}}, disk_resize},
      {"one.vm.disksaveas",
       {an_id, disk, a_name, {"type", Type::text}, {"snapshot", Type::integer}},
       disk_save_as},
      {"one.vm.disksnapshotcreate", {an_id, disk, a_name}, snapshot_create},
      {"one.vm.disksnapshotdelete", {an_id, disk, snapshot}, snapshot_delete},
      {"one.vm.disksnapshotrevert", {an_id, disk, snapshot}, snapshot_revert},
      {"one.vm.disksnapshotrename", {an_id, disk, snapshot, a_name}, snapshot_rename},
  };
}

}  // namespace nubo::api
