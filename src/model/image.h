// SPDX-License-Identifier: Apache-2.0
// Image (sheets xml.md §3.3, objects.md §2). SIZE in MB.
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/datastore.h"
#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

enum class ImageType : int {
  os = 0,
  cdrom = 1,
  datablock = 2,
  kernel = 3,
  ramdisk = 4,
  context = 5,
  backup = 6,
  filesystem = 7,
};

enum class ImageState : int {
  init = 0,
  ready = 1,
  used = 2,
  disabled = 3,
  locked = 4,
  error = 5,
  clone = 6,
  deleting = 7,
  used_persistent = 8,
  locked_used = 9,
  locked_used_persistent = 10,
};

/// "READY", "USED" …: as messages name it (objects.md §2.1).
std::string_view name_of(ImageState state);
/// "FILE", "RBD" …: as DISK/TYPE and DISK_TYPE name it.
std::string_view name_of(DiskType type);

struct Image : Owned {
  static constexpr ObjectType type = ObjectType::image;
  static constexpr const char* root = "IMAGE";
  static constexpr const char* pool_root = "IMAGE_POOL";
  static constexpr const char* table = "image_pool";

  ImageId id;
  ImageType kind = ImageType::os;
  DiskType disk_type = DiskType::file;
  bool persistent = false;
  EpochSeconds registration_time{};
  EpochSeconds modification_time{};
  std::string source;
  std::string path;
  std::string format;
  std::string fs;
  long long size_mb = 0;
  ImageState state = ImageState::init;
  int running_vms = 0;
  int cloning_ops = 0;
  ImageId cloning_id;
  int target_snapshot = -1;
  DatastoreId datastore_id;
  std::string datastore;
  IdSet<VmTag> vms;
  IdSet<ImageTag> clones;
  IdSet<struct MarketplaceAppTag> app_clones;
  Template attributes;
  Template snapshots;
  Template backup_increments;
  IdSet<struct DiskTag> backup_disk_ids;

  bool operator==(const Image&) const = default;

  template <class S = Image>
  static constexpr auto fields() {
    return std::tuple_cat(owner_fields<S>(), lock_and_permission_fields<S>(),
                          std::tuple{Field{"TYPE", &S::kind},
                                     Field{"DISK_TYPE", &S::disk_type},
                                     Field{"PERSISTENT", &S::persistent},
                                     Field{"REGTIME", &S::registration_time},
                                     Field{"MODTIME", &S::modification_time},
                                     Field{"SOURCE", &S::source, cdata},
                                     Field{"PATH", &S::path, cdata},
                                     Field{"FORMAT", &S::format, cdata},
                                     Field{"FS", &S::fs, cdata},
                                     Field{"SIZE", &S::size_mb},
                                     Field{"STATE", &S::state},
                                     Field{"PREV_STATE", &S::state},
                                     Field{"RUNNING_VMS", &S::running_vms},
                                     Field{"CLONING_OPS", &S::cloning_ops},
                                     Field{"CLONING_ID", &S::cloning_id},
                                     Field{"TARGET_SNAPSHOT", &S::target_snapshot},
                                     Field{"DATASTORE_ID", &S::datastore_id},
                                     Field{"DATASTORE", &S::datastore},
                                     Field{"VMS", &S::vms},
                                     Field{"CLONES", &S::clones},
                                     Field{"APP_CLONES", &S::app_clones},
                                     Field{"TEMPLATE", &S::attributes},
                                     Field{"SNAPSHOTS", &S::snapshots},
                                     Field{"BACKUP_INCREMENTS", &S::backup_increments},
                                     Field{"BACKUP_DISK_IDS", &S::backup_disk_ids}});
  }
};

/// A new state; all but LOCKED take the image's lock away, a user's too (objects.md §0.5).
void set_state(Image& image, ImageState state);

}  // namespace nubo
