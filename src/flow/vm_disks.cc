// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_disks.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "flow/device_names.h"
#include "flow/disk_snapshots.h"
#include "flow/owner_lookup.h"
#include "flow/release.h"
#include "text/trim.h"

namespace nubo {
namespace {

bool is_locked(const Image& image) {
  return image.state == ImageState::locked_used ||
         image.state == ImageState::locked_used_persistent;
}

Status check_size(const Vector& disk, const Image& image) {
  if (!disk.contains("SIZE")) return ok();
  const auto size = disk.number<long long>("SIZE");
  if (!size || *size <= 0) {
    return fail(Code::internal, "SIZE attribute must be a positive integer value.");
  }
  if (image.kind == ImageType::cdrom && *size != image.size_mb) {
    return fail(Code::internal, "SIZE attribute is not supported for CDROM image [{}].", image.id);
  }
  if (image.persistent && *size != image.size_mb) {
    return fail(Code::internal, "SIZE attribute is not supported for persistent image [{}].",
                image.id);
  }
  if (*size < image.size_mb) {
    return fail(Code::internal, "SIZE of {}MB is less than the image [{}] size of {}MB.", *size,
                image.id, image.size_mb);
  }
  return ok();
}

std::string snapshot_size(const Image& image) {
  long long total = 0;
  for (const Vector* snapshot : image.snapshots.vectors("SNAPSHOT")) {
    total += snapshot->number<long long>("SIZE").value_or(0);
  }
  return std::to_string(total);
}

/// CLONE, SAVE, READONLY: whether the VM works on a copy and whether it is kept.
void set_persistence(Vector& disk, const Image& image) {
  const std::string& kind = image.attributes.get("PERSISTENT_TYPE");
  const bool read_only = image.kind == ImageType::cdrom || kind == "IMMUTABLE";
  const bool keeps = image.persistent && !read_only;
  disk.set("CLONE", image.persistent || read_only ? "NO" : "YES");
  disk.set("SAVE", keeps ? "YES" : "NO");
  if (keeps) disk.set("PERSISTENT", "YES");
  if (keeps && kind == "SHAREABLE" && (image.format == "raw" || image.format == "dir")) {
    disk.set("SHAREABLE", "YES");
  }
  const std::string own = image.attributes.get("READONLY");
  disk.set_default("READONLY", own.empty() ? "NO" : own);
  if (read_only) disk.set("READONLY", "YES");
}

void set_format(Vector& disk, const Image& image) {
  if (image.format.empty()) {
    disk.erase("DRIVER");
    disk.erase("FORMAT");
    return;
  }
  disk.set("DRIVER", image.format);
  disk.set("FORMAT", image.format);
}

void inherit(Vector& disk, const Template& from, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (disk.contains(name)) continue;
    if (const std::string& value = from.get(name); !value.empty()) disk.set(name, value);
  }
}

void set_datastore(Vector& disk, const Datastore& datastore, const VmSettings& settings) {
  disk.set("DATASTORE", datastore.name);
  disk.set("DATASTORE_ID", std::to_string(datastore.id.value));
  disk.set("TM_MAD", datastore.tm_mad);
  disk.set("CLUSTER_ID", cluster_list(datastore.clusters));
  for (const char* target : {"CLONE_TARGET", "LN_TARGET"}) {
    std::string name = target;
    if (const std::string& system = disk.get("TM_MAD_SYSTEM"); !system.empty()) {
      const std::string suffix = "_" + upper_case(system);
      if (datastore.attributes.contains(name + suffix)) name += suffix;
    }
    if (const std::string& value = datastore.attributes.get(name); !value.empty()) {
      disk.set(target, value);
    }
  }
  inherit(disk, datastore.attributes, settings.inherit_datastore);
}

std::string disk_type(const Image& image) {
  const std::string base(name_of(image.disk_type));
  if (image.kind != ImageType::cdrom) return base;
  return image.disk_type == DiskType::file ? "CDROM" : base + "_CDROM";
}

Status complete_image_disk(Draft& draft, Vm& vm, Vector& disk, const VmSettings& settings) {
  constexpr std::array usable{ImageType::os, ImageType::datablock, ImageType::cdrom,
                              ImageType::filesystem};
  NUBO_TRY(const ImageId id, named_image(draft.view(), disk, vm.uid));
  NUBO_CHECK(acquire_image(draft, id, vm.id));
  const Image& image = *draft.find<Image>(id);
  if (std::ranges::find(usable, image.kind) == usable.end()) {
    return fail(Code::internal, "Cannot acquire image {}, its type is not supported", id);
  }
  NUBO_CHECK(check_size(disk, image));
  if (is_locked(image)) disk.set("CLONING", "YES");
  if (disk.get("SERIAL") == "auto") {
    disk.set("SERIAL", fmt::format("{}-{}", vm.id, disk.get("DISK_ID")));
  }
  describe_image_disk(draft.view(), disk, image, settings);
  take_image_snapshots(vm, disk, image);
  if (const std::string& target = image.attributes.get("TARGET"); !target.empty()) {
    disk.set_default("TARGET", target);
  }
  return ok();
}

/// Where it is made and in which format is decided with the system datastore.
Status complete_volatile_disk(Vector& disk, const VmSettings& settings) {
  const std::string type = upper_case(disk.get("TYPE"));
  if (type != "SWAP" && type != "FS") return fail(Code::internal, "Unknown disk type {}", type);
  const auto size = disk.number<long long>("SIZE");
  if (!size || *size <= 0) {
    return fail(Code::internal, "SIZE attribute must be a positive integer value.");
  }
  disk.set("TYPE", type == "SWAP" ? "swap" : "fs");
  disk.set_default("DEV_PREFIX", settings.default_device_prefix);
  return ok();
}

}  // namespace

Result<ImageId> named_image(const Snapshot& state, const Vector& disk, UserId user) {
  if (disk.contains("IMAGE_ID")) {
    const ImageId id{disk.number<int>("IMAGE_ID").value_or(-1)};
    if (state.find<Image>(id)) return id;
    return fail(Code::internal, "Image with ID: {} does not exist", disk.get("IMAGE_ID"));
  }
  const auto owner = named_owner(state, disk, "IMAGE", user);
  const std::string& name = disk.get("IMAGE");
  if (owner) {
    if (const auto id = state.names().find(ObjectType::image, owner->value, name)) {
      return ImageId{*id};
    }
  }
  return fail(Code::internal,
              "User {} does not own an image with name: {} . Set IMAGE_UNAME or IMAGE_UID of owner "
              "in DISK.",
              owner.value_or(user), name);
}

bool names_image(const Vector& disk) { return disk.contains("IMAGE_ID") || disk.contains("IMAGE"); }

void describe_image_disk(const Snapshot& state, Vector& disk, const Image& image,
                         const VmSettings& settings) {
  disk.set("IMAGE", image.name);
  disk.set("IMAGE_ID", std::to_string(image.id.value));
  disk.set("IMAGE_STATE", std::to_string(static_cast<int>(image.state)));
  disk.set("SOURCE", image.source);
  disk.set("ORIGINAL_SIZE", std::to_string(image.size_mb));
  disk.set_default("SIZE", std::to_string(image.size_mb));
  disk.set("DISK_SNAPSHOT_TOTAL_SIZE", snapshot_size(image));
  set_format(disk, image);
  set_persistence(disk, image);
  disk.set("TYPE", disk_type(image));
  if (image.kind != ImageType::cdrom && image.kind != ImageType::filesystem) {
    disk.set_default("DEV_PREFIX", image.attributes.get("DEV_PREFIX"));
    disk.set_default("DEV_PREFIX", settings.default_device_prefix);
  }
  inherit(disk, image.attributes, settings.inherit_image);
  if (image.kind == ImageType::filesystem) {
    disk.set_default("MOUNT_POINT", fmt::format("/mnt/one-fs-{}", image.id));
    disk.set_default("MOUNT_TAG", fmt::format("one-tag-{}", image.id));
  }
  if (const auto datastore = state.find<Datastore>(image.datastore_id)) {
    set_datastore(disk, *datastore, settings);
  }
}

void place_volatile_disk(Vector& disk, const Datastore& system, const VmSettings& settings) {
  disk.set("DATASTORE", system.name);
  disk.set("DATASTORE_ID", std::to_string(system.id.value));
  disk.set("TM_MAD", system.tm_mad);
  disk.set("CLUSTER_ID", cluster_list(system.clusters));
  disk.set("DISK_TYPE", std::string(name_of(system.disk_type)));
  const auto forced = settings.transfer_formats.find(system.tm_mad);
  if (disk.get("TYPE") == "swap") {
    disk.set("FORMAT", "raw");
  } else if (const std::string& own = system.attributes.get("DRIVER"); !own.empty()) {
    disk.set("FORMAT", own);
  } else if (forced != settings.transfer_formats.end()) {
    disk.set("FORMAT", forced->second);
  }
  disk.set_default("FORMAT", "raw");
  disk.set("DRIVER", disk.get("FORMAT"));
  inherit(disk, system.attributes, settings.inherit_datastore);
}

std::string cluster_list(const IdSet<ClusterTag>& clusters) {
  std::string list;
  for (const ClusterId id : clusters) {
    fmt::format_to(std::back_inserter(list), "{}{}", list.empty() ? "" : ",", id);
  }
  return list;
}

Status complete_disk(Draft& draft, Vm& vm, Vector& disk, const VmSettings& settings) {
  return names_image(disk) ? complete_image_disk(draft, vm, disk, settings)
                           : complete_volatile_disk(disk, settings);
}

Result<bool> complete_disks(Draft& draft, Vm& vm, const VmSettings& settings) {
  int disk_id = 0;
  bool waits = false;
  for (Vector* disk : vm.system.vectors("DISK")) {
    disk->set("DISK_ID", std::to_string(disk_id));
    const Status completed = complete_disk(draft, vm, *disk, settings);
    if (!completed) return context(completed.error(), fmt::format("DISK {}", disk_id));
    waits = waits || disk->yes("CLONING");
    ++disk_id;
  }
  if (Vector* cd = vm.system.vector("CONTEXT")) cd->set("DISK_ID", std::to_string(disk_id));
  NUBO_CHECK(assign_targets(draft, vm, settings));
  return waits;
}

}  // namespace nubo
