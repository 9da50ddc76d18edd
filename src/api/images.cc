// SPDX-License-Identifier: Apache-2.0
// one.image.*, one.imagepool.* (sheets api.md §7, objects.md §2).
#include "api/datastore_template.h"
#include "api/generic.h"
#include "api/image_template.h"

namespace nubo::api {
namespace {

Failure not_allocated(const Error& cause) { return allocate_failure(ObjectType::image, cause); }

Failure not_allocated(std::string_view cause) {
  return not_allocated(Error{Code::allocate, std::string(cause)});
}

/// Stores an image in state LOCKED (READY when nothing is to be made) and asks for its contents.
Result<ImageId> store_image(Draft& draft, const Context& call, Image image) {
  if (const Status valid = check_name(image.name); !valid) return not_allocated(valid.error());
  static_cast<Owned&>(image) = owned_by_caller(call, image.name);
  image.registration_time = draft.now();
  const std::string operation = making_operation(image);
  image.state = operation.empty() ? ImageState::ready : ImageState::locked;
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

// --- allocate -----------------------------------------------------------------------------------

Result<Ptr<Datastore>> check_datastore(const Snapshot& state, const Context& call) {
  NUBO_TRY(const auto datastore, state.get<Datastore>(DatastoreId{call.args.integer(1)}));
  if (datastore->kind != DatastoreType::image && datastore->kind != DatastoreType::file) {
    return not_allocated("New images can only be allocated in a files or image datastore.");
  }
  return datastore;
}

Status check_space(const Context& call, const Datastore& datastore, long long size_mb) {
  const bool is_skipped = call.args.flag(2) && call.caller.is_admin();
  if (is_skipped || !checks_capacity(datastore, call.settings())) return ok();
  if (size_mb <= available_mb(datastore)) return ok();
  return fail(Code::action, "Not enough space in datastore");
}

Status check_allocation(const Snapshot& state, const Context& call, const Datastore& datastore,
                        const Template& given) {
  NUBO_CHECK(check_restricted(call, ObjectType::image, given));
  return authorize(
      state, call,
      {{Right::create, new_object(ObjectType::image)}, {Right::use, guard_of(datastore)}});
}

Result<Value> allocate_sized(Draft& draft, const Context& call, Template given, long long size_mb) {
  NUBO_TRY(const auto datastore, check_datastore(draft.view(), call));
  NUBO_CHECK(check_space(call, *datastore, size_mb));
  NUBO_CHECK(check_allocation(draft.view(), call, *datastore, given));
  auto image = image_from(std::move(given), *datastore, size_mb, call.settings());
  if (!image) return not_allocated(image.error());
  NUBO_TRY(const ImageId id, store_image(draft, call, *std::move(image)));
  return Value(id.value);
}

/// The size comes first: from the template, or from the driver, which is asked only for callers
/// that may make the image.
void allocate(ContextPtr call, std::function<void(Result<Value>)> done) {
  auto given = parse_template(call->args.text(0));
  if (!given) return done(Failure(given.error()));
  const auto datastore = check_datastore(*call->snapshot, *call);
  if (!datastore) return done(Failure(datastore.error()));
  const auto size = stated_size(*given, call->settings());
  if (!size) return done(Failure(size.error()));
  const auto finish = [call, given = *given, done](long long size_mb) {
    submit(
        call,
        [call, given, size_mb](Draft& draft) {
          return allocate_sized(draft, *call, given, size_mb);
        },
        done);
  };
  if (*size) return finish(**size);
  if (const Status may = check_allocation(*call->snapshot, *call, **datastore, *given); !may) {
    return done(Failure(may.error()));
  }
  call->env.outside.stat_image(**datastore, *given, [finish, done](Result<long long> asked) {
    if (asked) return finish(*asked);
    done(fail(Code::internal, "Cannot determine Image SIZE: {}", asked.error().message));
  });
}

// --- clone, delete ------------------------------------------------------------------------------

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

std::string_view state_word(ImageState state) {
  constexpr std::array<std::string_view, 11> words{
      "INIT",  "READY",  "USED",      "DISABLED",    "LOCKED",          "ERROR",
      "CLONE", "DELETE", "USED_PERS", "LOCKED_USED", "LOCKED_USED_PERS"};
  return words.at(static_cast<std::size_t>(state));
}

/// Marks the source as being cloned by a new image.
Status hold_source(Draft& draft, ImageId source_id, ImageId clone) {
  NUBO_TRY(Image * source, draft.edit<Image>(source_id));
  const bool may = source->state == ImageState::ready || source->state == ImageState::used ||
                   source->state == ImageState::clone;
  if (!may)
    return not_allocated(fmt::format("Cannot clone image in state: {}", state_word(source->state)));
  source->clones.insert(clone);
  source->cloning_ops = static_cast<int>(source->clones.size() + source->app_clones.size());
  source->state = source->persistent ? ImageState::clone : ImageState::used;
  return ok();
}

struct CloneOrder {
  Ptr<Image> source;
  Ptr<Datastore> from;
  Ptr<Datastore> to;
};

Result<CloneOrder> clone_order(const Draft& draft, const Context& call) {
  const int asked = call.args.integer(2);
  const Snapshot& state = draft.view();
  CloneOrder order;
  NUBO_TRY(order.source, state.get<Image>(ImageId{call.args.integer(0)}));
  NUBO_TRY(order.from, state.get<Datastore>(order.source->datastore_id));
  NUBO_TRY(order.to, state.get<Datastore>(asked == -1 ? order.from->id : DatastoreId{asked}));
  NUBO_CHECK(check_clone(*order.source, *order.from, *order.to));
  std::vector<AuthRequest> requests{{Right::create, new_object(ObjectType::image)},
                                    {Right::use, guard_of(*order.source)},
                                    {Right::use, guard_of(*order.to)}};
  if (order.to->id != order.from->id) requests.push_back({Right::use, guard_of(*order.from)});
  NUBO_CHECK(nubo::authorize(state, call.caller, std::span<const AuthRequest>(requests)));
  return order;
}

Result<Value> clone(Draft& draft, const Context& call) {
  NUBO_TRY(const CloneOrder order, clone_order(draft, call));
  const auto& [source, from, to] = order;
  if (checks_capacity(*to, call.settings()) && source->size_mb > available_mb(*to)) {
    return fail(Code::action, "Not enough space in datastore");
  }
  Image copy;
  copy.name = call.args.text(1);
  copy.kind = source->kind;
  copy.persistent = call.settings().config.yes("DEFAULT_IMAGE_PERSISTENT", source->persistent);
  copy.attributes = source->attributes;
  for (const char* name : {"NAME", "TYPE", "PATH", "SIZE", "PERSISTENT", "SOURCE", "FORMAT", "FS",
                           "DRIVER", "TM_MAD", "ERROR"}) {
    copy.attributes.erase(name);
  }
  if (copy.kind != ImageType::cdrom && copy.attributes.get("DEV_PREFIX").empty()) {
    const std::string& prefix = call.settings().config.get("DEFAULT_DEVICE_PREFIX");
    copy.attributes.set("DEV_PREFIX", prefix.empty() ? "sd" : prefix);
  }
  copy.path = source->source;
  copy.format = source->format;
  copy.fs = source->fs;
  copy.size_mb = source->size_mb;
  copy.disk_type = to->disk_type;
  copy.datastore_id = to->id;
  copy.datastore = to->name;
  copy.cloning_id = source->id;
  copy.snapshots.set("ALLOW_ORPHANS", "NO");
  copy.snapshots.set("CURRENT_BASE", "-1");
  copy.snapshots.set("NEXT_SNAPSHOT", "0");
  NUBO_TRY(const ImageId id, store_image(draft, call, std::move(copy)));
  NUBO_CHECK(hold_source(draft, source->id, id));
  return Value(id.value);
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
  if (origin.cloning_ops == 0 && origin.vms.empty()) origin.state = ImageState::ready;
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image, draft.view().get<Image>(ImageId{call.args.integer(0)}));
  const bool force = call.args.flag(1);
  const Right right = is_locked(image->state) && force ? Right::admin : Right::manage;
  NUBO_CHECK(authorize(draft.view(), call, {{right, guard_of(*image)}}));
  NUBO_CHECK(check_delete(*image, force));
  if (image->cloning_id.is_set()) release_source(draft, *image);
  if (image->source.empty()) {
    if (const auto holder = draft.edit<Datastore>(image->datastore_id)) {
      (*holder)->images.erase(image->id);
    }
    erase_object<Image>(draft, image->id);
    return Value(image->id.value);
  }
  if (image->state == ImageState::deleting) return Value(image->id.value);
  forget_rules_on(draft, Image::type, image->id.value);
  NUBO_TRY(Image * changed, draft.edit<Image>(image->id));
  changed->state = ImageState::deleting;
  if (force) changed->attributes.set("FORCE_DELETE", "YES");
  NUBO_CHECK(draft.emit({.subject = "image", .object = image->id.value, .operation = "ds.rm"}));
  return Value(image->id.value);
}

// --- what an image is ---------------------------------------------------------------------------

Result<ImageState> enabled_state(const Image& image, bool enable) {
  const bool is_in_use = !image.vms.empty();
  if (enable) {
    if (image.state == ImageState::ready || image.state == ImageState::disabled) {
      return ImageState::ready;
    }
    if (image.state == ImageState::error) {
      if (!is_in_use) return ImageState::ready;
      return image.persistent ? ImageState::used_persistent : ImageState::used;
    }
    return fail(Code::internal, "Image cannot be in enabled state from {}",
                state_word(image.state));
  }
  if (image.state == ImageState::ready || image.state == ImageState::error ||
      image.state == ImageState::disabled) {
    return ImageState::disabled;
  }
  return fail(Code::internal, "Image cannot be in disabled state from {}", state_word(image.state));
}

Result<Value> enable(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image,
           permitted<Image>(draft.view(), call, call.args.integer(0), Right::manage));
  if (image->kind == ImageType::backup) {
    return fail(Code::internal, "BACKUP images cannot be enabled or disabled");
  }
  NUBO_TRY(const ImageState state, enabled_state(*image, call.args.flag(1)));
  if (state == image->state) return Value(image->id.value);
  NUBO_TRY(Image * changed, draft.edit<Image>(image->id));
  changed->state = state;
  changed->lock.reset();
  return Value(image->id.value);
}

Status check_persistent(const Context& call, const Draft& draft, const Image& image) {
  if (is_file(image.kind)) {
    return fail(Code::action, "KERNEL, RAMDISK and CONTEXT must be non-persistent");
  }
  if (image.kind == ImageType::backup) {
    return fail(Code::action, "BACKUP images must be persistent");
  }
  const bool wanted = call.args.flag(1);
  if (const Datastore* datastore = draft.find<Datastore>(image.datastore_id);
      !wanted && datastore) {
    const Vector* conf = call.settings().entry("DS_MAD_CONF", datastore->ds_mad);
    if (conf && conf->yes("PERSISTENT_ONLY")) {
      return fail(Code::internal, "This Datastore only accepts persistent images.");
    }
  }
  if (!wanted && !image.snapshots.vectors("SNAPSHOT").empty()) {
    return fail(Code::internal, "Image has snapshots.");
  }
  if (image.state == ImageState::used || image.state == ImageState::clone ||
      image.state == ImageState::used_persistent || image.state == ImageState::locked_used ||
      image.state == ImageState::locked_used_persistent) {
    return fail(Code::internal, "Image cannot be in state {}", state_word(image.state));
  }
  return ok();
}

Result<Value> persistent(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image,
           permitted<Image>(draft.view(), call, call.args.integer(0), Right::manage));
  if (!is_file(image->kind) && image->persistent == call.args.flag(1)) {
    return Value(image->id.value);
  }
  NUBO_CHECK(check_persistent(call, draft, *image));
  (*draft.edit<Image>(image->id))->persistent = call.args.flag(1);
  return Value(image->id.value);
}

Result<Value> chtype(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image,
           permitted<Image>(draft.view(), call, call.args.integer(0), Right::manage));
  const auto type = image_type(call.args.text(1), call.settings());
  if (!type) return fail(Code::internal, "Unknown type ");
  if (!(is_disk(*type) && is_disk(image->kind)) && !(is_file(*type) && is_file(image->kind))) {
    return fail(Code::action,
                "Cannot change image type to an incompatible type for the current datastore.");
  }
  if (*type == ImageType::cdrom && !image->snapshots.vectors("SNAPSHOT").empty()) {
    return fail(Code::action, "Cannot change image type to CDROM, the image has snapshots.");
  }
  (*draft.edit<Image>(image->id))->kind = *type;
  return Value(image->id.value);
}

}  // namespace

std::vector<Call> image_calls() {
  return {
      {"one.image.allocate",
       {a_template, {"datastore", Type::integer}, {"nocheck", Type::flag, Value(false)}},
       allocate},
      {"one.image.clone", {an_id, a_name, {"datastore", Type::integer, Value(-1)}}, clone},
      {"one.image.delete", {an_id, {"force", Type::flag, Value(false)}}, remove},
      {"one.image.info", {an_id, a_decrypt_flag}, info<Image>},
      {"one.image.update", {an_id, a_template, an_update_type}, update<Image>},
      {"one.image.rename", {an_id, a_name}, rename<Image>},
      {"one.image.chown", {an_id, {"uid", Type::integer}, {"gid", Type::integer}}, chown<Image>},
      {"one.image.chmod", chmod_parameters(), chmod<Image>},
      {"one.image.lock", lock_parameters(), lock<Image>},
      {"one.image.unlock", {an_id}, unlock<Image>},
      {"one.image.enable", {an_id, {"enable", Type::flag}}, enable},
      {"one.image.persistent", {an_id, {"persistent", Type::flag}}, persistent},
      {"one.image.chtype", {an_id, {"type", Type::text}}, chtype},
      {"one.imagepool.info", pool_parameters(), pool_info<Image>},
  };
}

}  // namespace nubo::api
