// SPDX-License-Identifier: Apache-2.0
// one.image.*, one.imagepool.* (sheets api.md §7, objects.md §2).
#include "api/datastore_template.h"
#include "api/generic.h"
#include "api/image_copies.h"
#include "api/image_template.h"
#include "api/preferences.h"

namespace nubo::api {
namespace {

// --- allocate -----------------------------------------------------------------------------------

Result<Ptr<Datastore>> check_datastore(const Snapshot& state, const Context& call) {
  NUBO_TRY(const auto datastore, state.get<Datastore>(DatastoreId{call.args.integer(1)}));
  if (datastore->kind != DatastoreType::image && datastore->kind != DatastoreType::file) {
    return allocate_failure(
        ObjectType::image,
        {Code::allocate, "New images can only be allocated in a files or image datastore."});
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
  if (!given.contains("PERSISTENT")) {
    given.set("PERSISTENT", preference(call, "DEFAULT_IMAGE_PERSISTENT_NEW"));
  }
  auto image = image_from(std::move(given), *datastore, size_mb, call.settings());
  if (!image) return allocate_failure(ObjectType::image, image.error());
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

Result<Value> clone(Draft& draft, const Context& call) {
  const int datastore = call.args.integer(2);
  NUBO_TRY(const ImageId copy,
           copy_image(draft, call,
                      {.source = ImageId{call.args.integer(0)},
                       .name = call.args.text(1),
                       .datastore = datastore == -1 ? DatastoreId{} : DatastoreId{datastore}}));
  return Value(copy.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  const ImageId image{call.args.integer(0)};
  NUBO_CHECK(delete_image(draft, call, image, call.args.flag(1)));
  return Value(image.value);
}

// --- what an image is ---------------------------------------------------------------------------

Failure wrong_state(const Image& image) {
  return fail(Code::internal, "Image cannot be in state {}.", name_of(image.state));
}

Result<ImageState> enabled_state(const Image& image, bool enable) {
  if (image.kind == ImageType::backup) {
    return fail(Code::internal, "BACKUP images cannot be enabled or disabled");
  }
  const bool is_broken = image.state == ImageState::error;
  const bool may =
      is_broken || image.state == ImageState::ready || image.state == ImageState::disabled;
  if (!may) return wrong_state(image);
  if (!enable) return ImageState::disabled;
  if (!is_broken || image.vms.empty()) return ImageState::ready;
  return image.persistent ? ImageState::used_persistent : ImageState::used;
}

Result<Value> enable(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image,
           permitted<Image>(draft.view(), call, call.args.integer(0), Right::manage));
  const bool wanted = call.args.flag(1);
  const auto state = enabled_state(*image, wanted);
  if (!state) {
    return fail(Code::internal, "Could not {} image: {}", wanted ? "enable" : "disable",
                state.error().message);
  }
  if (*state == image->state) return Value(image->id.value);
  NUBO_TRY(Image * changed, draft.edit<Image>(image->id));
  set_state(*changed, *state);
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
    return wrong_state(image);
  }
  return ok();
}

Result<Value> persistent(Draft& draft, const Context& call) {
  NUBO_TRY(const auto image,
           permitted<Image>(draft.view(), call, call.args.integer(0), Right::manage));
  if (!is_file(image->kind) && image->persistent == call.args.flag(1)) {
    return Value(image->id.value);
  }
  if (const Status may = check_persistent(call, draft, *image); !may) {
    if (may.error().code != Code::internal) return Failure(may.error());
    return fail(Code::internal, "Could not make image {}: {}",
                call.args.flag(1) ? "persistent" : "non-persistent", may.error().message);
  }
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
