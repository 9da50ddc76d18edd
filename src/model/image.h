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

  static constexpr auto fields() {
    using I = Image;
    return std::tuple_cat(
        owner_fields<I>(), lock_and_permission_fields<I>(),
        std::tuple{Field{"TYPE", &I::kind},
                   Field{"DISK_TYPE", &I::disk_type},
                   Field{"PERSISTENT", &I::persistent},
                   Field{"REGTIME", &I::registration_time},
                   Field{"MODTIME", &I::modification_time},
                   Field{"SOURCE", &I::source, cdata},
                   Field{"PATH", &I::path, cdata},
                   Field{"FORMAT", &I::format, cdata},
                   Field{"FS", &I::fs, cdata},
                   Field{"SIZE", &I::size_mb},
                   Field{"STATE", &I::state},
                   Field{"PREV_STATE", &I::state},
                   Field{"RUNNING_VMS", &I::running_vms},
                   Field{"CLONING_OPS", &I::cloning_ops},
                   Field{"CLONING_ID", &I::cloning_id},
                   Field{"TARGET_SNAPSHOT", &I::target_snapshot},
                   Field{"DATASTORE_ID", &I::datastore_id},
                   Field{"DATASTORE", &I::datastore},
                   Field{"VMS", &I::vms},
                   Field{"CLONES", &I::clones},
                   Field{"APP_CLONES", &I::app_clones},
                   Field{"TEMPLATE", &I::attributes},
                   Field{"SNAPSHOTS", &I::snapshots},
                   Field{"BACKUP_INCREMENTS", &I::backup_increments},
                   Field{"BACKUP_DISK_IDS", &I::backup_disk_ids}});
  }
};

/// A new state; all but LOCKED take the image's lock away, a user's too (objects.md §0.5).
void set_state(Image& image, ImageState state);

}  // namespace nubo
