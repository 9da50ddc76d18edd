// SPDX-License-Identifier: Apache-2.0
#include "api/template_copies.h"

#include "api/generic.h"
#include "api/image_copies.h"
#include "api/image_template.h"
#include "flow/owner_lookup.h"
#include "flow/vm_disks.h"

namespace nubo::api {
namespace {

/// The image that a disk names, if it is there.
std::optional<ImageId> image_of(const Snapshot& state, const Context& call, const Vector& disk) {
  if (!names_image(disk)) return {};
  const auto id = named_image(state, disk, call.caller.uid);
  return id ? std::optional(*id) : std::nullopt;
}

std::vector<ImageId> images_of(const Snapshot& state, const Context& call,
                               const VmTemplate& source) {
  std::vector<ImageId> images;
  for (const Vector* disk : source.attributes.vectors("DISK")) {
    if (const auto id = image_of(state, call, *disk)) images.push_back(*id);
  }
  return images;
}

Status copy_disk_image(Draft& draft, const Context& call, Vector& disk, ImageCopy order) {
  const auto copied = copy_image(draft, call, order);
  if (!copied) return fail(Code::action, "{}", copied.error().message);
  for (const char* key : {"IMAGE", "IMAGE_UNAME", "IMAGE_UID", "OPENNEBULA_MANAGED"}) {
    disk.erase(key);
  }
  disk.set("IMAGE_ID", std::to_string(copied->value));
  return ok();
}

Status copy_disk_images(Draft& draft, const Context& call, VmTemplate& copy, DiskImages images) {
  int number = -1;
  for (Vector* disk : copy.attributes.vectors("DISK")) {
    ++number;
    const auto id = image_of(draft.view(), call, *disk);
    if (!id) continue;
    ImageCopy order{.source = *id, .name = fmt::format("{}-disk-{}", copy.name, number)};
    if (images == DiskImages::become_persistent) order.persistent = true;
    NUBO_CHECK(copy_disk_image(draft, call, *disk, std::move(order)));
  }
  return ok();
}

Status extend_disk(const Context& call, Vector& disk) {
  const auto id = image_of(*call.snapshot, call, disk);
  if (!id) return ok();
  NUBO_TRY(const auto image, permitted<Image>(*call.snapshot, call, id->value, Right::use));
  describe_image_disk(*call.snapshot, disk, *image, call.env.vm_settings);
  return ok();
}

Status extend_nic(const Context& call, Vector& nic) {
  auto id = nic.number<int>("NETWORK_ID");
  if (!id && nic.contains("NETWORK")) {
    const auto owner = named_owner(*call.snapshot, nic, "NETWORK", call.caller.uid);
    if (!owner) return ok();
    id = call.snapshot->names().find(ObjectType::network, owner->value, nic.get("NETWORK"));
  }
  if (!id || !call.snapshot->find<VirtualNetwork>(VirtualNetworkId{*id})) return ok();
  NUBO_CHECK(permitted<VirtualNetwork>(*call.snapshot, call, *id, Right::use));
  nic.set("NETWORK_ID", std::to_string(*id));
  return ok();
}

}  // namespace

Result<TemplateId> store_template(Draft& draft, const Context& call, VmTemplate made) {
  NUBO_CHECK(check_name(made.name));
  static_cast<Owned&>(made) = owned_by_caller(call, made.name);
  made.registration_time = draft.now();
  return draft.insert(std::move(made));
}

Result<TemplateId> copy_template(Draft& draft, const Context& call, const TemplateCopy& order) {
  VmTemplate copy;
  copy.name = order.name;
  copy.attributes = order.source->attributes;
  NUBO_TRY(const TemplateId id, store_template(draft, call, copy));
  if (order.images != DiskImages::are_shared) {
    NUBO_CHECK(copy_disk_images(draft, call, copy, order.images));
  }
  copy.attributes.merge(order.extra);
  (*draft.edit<VmTemplate>(id))->attributes = std::move(copy.attributes);
  return id;
}

void delete_images_of(Draft& draft, const Context& call, const VmTemplate& source) {
  for (const ImageId image : images_of(draft.view(), call, source)) {
    const Status deleted = delete_image(draft, call, image, false);
    static_cast<void>(deleted);  // what is in use, or not the caller's, stays
  }
}

void chmod_images_of(Draft& draft, const Context& call, const VmTemplate& source) {
  for (const ImageId image : images_of(draft.view(), call, source)) {
    const Status changed = change_permissions<Image>(draft, call, image);
    static_cast<void>(changed);  // what is not the caller's stays as it is
  }
}

Result<VmTemplate> extended_template(const Context& call, const VmTemplate& source) {
  VmTemplate shown = source;
  int number = 0;
  for (Vector* disk : shown.attributes.vectors("DISK")) {
    disk->set("DISK_ID", std::to_string(number++));
    NUBO_CHECK(extend_disk(call, *disk));
  }
  for (Vector* nic : shown.attributes.vectors("NIC")) NUBO_CHECK(extend_nic(call, *nic));
  return shown;
}

}  // namespace nubo::api
