// SPDX-License-Identifier: Apache-2.0
#include "api/image_copies.h"

#include "api/datastore_template.h"
#include "api/generic.h"
#include "api/image_template.h"
#include "api/preferences.h"

namespace nubo::api {
namespace {

Failure not_allocated(const Error& cause) { return allocate_failure(ObjectType::image, cause); }

Failure not_allocated(std::string_view cause) {
  return not_allocated(Error{Code::allocate, std::string(cause)});
}

Status check_clone(const Image& source, const Datastore& from, const Datastore& to) {
  if (!is_disk(source.kind)) {
    return fail(Code::action, "{} images cannot be cloned.", word_of(source.kind));
  }
  if (!source.snapshots.vectors("SNAPSHOT").empty()) {
    return fail(Code::action, "Cannot clone images with snapshots");
  }
  if (to.kind != DatastoreType::image) {
    return fail(Code::action, "Clone only supported for IMAGE_DS Datastores");
  }
  if (from.ds_mad != to.ds_mad) {
    return fail(Code::action, "Clone only supported to a Datastore with the same DS_MAD");
  }
  return ok();
}

/// Marks the source as being cloned by a new image.
Status hold_source(Draft& draft, ImageId source_id, ImageId clone) {
  NUBO_TRY(Image * source, draft.edit<Image>(source_id));
  const bool may = source->state == ImageState::ready || source->state == ImageState::used ||
                   source->state == ImageState::clone;
  if (!may)
    return not_allocated(fmt::format("Cannot clone image in state: {}", name_of(source->state)));
  source->clones.insert(clone);
  source->cloning_ops = static_cast<int>(source->clones.size() + source->app_clones.size());
  set_state(*source, source->persistent ? ImageState::clone : ImageState::used);
  return ok();
}

struct Places {
  Ptr<Image> source;
  Ptr<Datastore> from;
  Ptr<Datastore> to;
};

Result<Places> places_of(const Snapshot& state, const Context& call, const ImageCopy& order) {
  Places found;
  NUBO_TRY(found.source, state.get<Image>(order.source));
  NUBO_TRY(found.from, state.get<Datastore>(found.source->datastore_id));
  NUBO_TRY(found.to,
           state.get<Datastore>(order.datastore.is_set() ? order.datastore : found.from->id));
  NUBO_CHECK(check_clone(*found.source, *found.from, *found.to));
  std::vector<AuthRequest> requests{{Right::create, new_object(ObjectType::image)},
                                    {Right::use, guard_of(*found.source)},
                                    {Right::use, guard_of(*found.to)}};
  if (found.to->id != found.from->id) requests.push_back({Right::use, guard_of(*found.from)});
  NUBO_CHECK(nubo::authorize(state, call.caller, std::span<const AuthRequest>(requests)));
  if (checks_capacity(*found.to, call.settings()) &&
      found.source->size_mb > available_mb(*found.to)) {
    return fail(Code::action, "Not enough space in datastore");
  }
  return found;
}

Template copied_attributes(const Image& source, const Settings& settings) {
  Template attributes = source.attributes;
  for (const char* name : {"NAME", "TYPE", "PATH", "SIZE", "PERSISTENT", "SOURCE", "FORMAT", "FS",
                           "DRIVER", "TM_MAD", "ERROR"}) {
    attributes.erase(name);
  }
  if (source.kind != ImageType::cdrom && attributes.get("DEV_PREFIX").empty()) {
    const std::string& prefix = settings.config.get("DEFAULT_DEVICE_PREFIX");
    attributes.set("DEV_PREFIX", prefix.empty() ? "sd" : prefix);
  }
  return attributes;
}

bool is_locked(ImageState state) {
  return state == ImageState::locked || state == ImageState::locked_used ||
         state == ImageState::locked_used_persistent;
}

Status check_delete(const Image& image, bool force) {
  if (is_locked(image.state) && !force) {
    return fail(Code::internal,
                "Cannot delete image. Image is being copied or locked, use force to delete it");
  }
  if (image.state == ImageState::clone || image.state == ImageState::used ||
      image.state == ImageState::used_persistent || image.state == ImageState::locked_used ||
      image.state == ImageState::locked_used_persistent ||
      (image.state == ImageState::ready && image.running_vms > 0)) {
    return cannot_delete<Image>(fmt::format("There are {} VMs using it.", image.running_vms));
  }
  return ok();
}

void release_source(Draft& draft, const Image& clone) {
  const auto source = draft.edit<Image>(clone.cloning_id);
  if (!source) return;
  Image& origin = **source;
  origin.clones.erase(clone.id);
  origin.cloning_ops = static_cast<int>(origin.clones.size() + origin.app_clones.size());
  if (origin.cloning_ops == 0 && origin.vms.empty()) set_state(origin, ImageState::ready);
}

}  // namespace

/// Stores an image in state LOCKED (READY when nothing is to be made) and asks for its contents.
Result<ImageId> store_image(Draft& draft, const Context& call, Image image, Contents contents) {
  if (const Status valid = check_name(image.name); !valid) return not_allocated(valid.error());
  static_cast<Owned&>(image) = owned_by_caller(call, image.name);
  image.registration_time = image.modification_time = draft.now();
  const bool waits = contents == Contents::of_vm_disk;
  const std::string operation = waits ? "" : making_operation(image);
  image.state = operation.empty() && !waits ? ImageState::ready : ImageState::locked;
  const DatastoreId datastore = image.datastore_id;
  const auto id = draft.insert(std::move(image));
  if (!id) return not_allocated(id.error());
  NUBO_TRY(Datastore * holder, draft.edit<Datastore>(datastore));
  holder->images.insert(*id);
  if (!operation.empty()) {
    NUBO_CHECK(draft.emit({.subject = "image", .object = id->value, .operation = operation}));
  }
  return *id;
}

Result<ImageId> copy_image(Draft& draft, const Context& call, const ImageCopy& order) {
  NUBO_TRY(const Places found, places_of(draft.view(), call, order));
  const Image& source = *found.source;
  Image copy;
  copy.name = order.name;
  copy.kind = source.kind;
  const auto preferred = parse_yes_no(preference(call, "DEFAULT_IMAGE_PERSISTENT"));
  copy.persistent = order.persistent.value_or(preferred.value_or(source.persistent));
  copy.attributes = copied_attributes(source, call.settings());
  copy.path = source.source;
  copy.format = source.format;
  copy.size_mb = source.size_mb;
  copy.disk_type = found.to->disk_type;
  copy.datastore_id = found.to->id;
  copy.datastore = found.to->name;
  copy.cloning_id = source.id;
  copy.snapshots.set("ALLOW_ORPHANS", "NO");
  copy.snapshots.set("CURRENT_BASE", "-1");
  copy.snapshots.set("NEXT_SNAPSHOT", "0");
  NUBO_TRY(const ImageId id, store_image(draft, call, std::move(copy)));
  NUBO_CHECK(hold_source(draft, source.id, id));
  return id;
}

Status delete_image(Draft& draft, const Context& call, ImageId id, bool force) {
  NUBO_TRY(const auto image, draft.view().get<Image>(id));
  const Right right = is_locked(image->state) && force ? Right::admin : Right::manage;
  NUBO_CHECK(authorize(draft.view(), call, {{right, guard_of(*image)}}));
  NUBO_CHECK(check_delete(*image, force));
  if (image->cloning_id.is_set()) release_source(draft, *image);
  if (image->source.empty()) {
    if (const auto holder = draft.edit<Datastore>(image->datastore_id)) {
      (*holder)->images.erase(id);
    }
    erase_object<Image>(draft, id);
    return ok();
  }
  if (image->state == ImageState::deleting) return ok();
  forget_rules_on(draft, Image::type, id.value);
  NUBO_TRY(Image * changed, draft.edit<Image>(id));
  set_state(*changed, ImageState::deleting);
  if (force) changed->attributes.set("FORCE_DELETE", "YES");
  NUBO_CHECK(draft.emit({.subject = "image", .object = id.value, .operation = "ds.rm"}));
  return ok();
}

}  // namespace nubo::api
