// SPDX-License-Identifier: Apache-2.0
// Datastore (sheets xml.md §3.4, objects.md §3). Sizes in MB.
#pragma once

#include <string>
#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

enum class DatastoreType : int { image = 0, system = 1, file = 2, backup = 3 };
enum class DatastoreState : int { ready = 0, disabled = 1 };

/// Kinds of disks, of datastores and of images (objects.md §2.1).
enum class DiskType : int {
  file = 0,
  cdrom = 1,
  block = 2,
  rbd = 3,
  rbd_cdrom = 4,
  gluster = 5,
  gluster_cdrom = 6,
  sheepdog = 7,
  sheepdog_cdrom = 8,
  iscsi = 9,
  filesystem = 10,
  none = 255,
};

struct Datastore : Owned {
  static constexpr ObjectType type = ObjectType::datastore;
  static constexpr const char* root = "DATASTORE";
  static constexpr const char* pool_root = "DATASTORE_POOL";
  static constexpr const char* table = "datastore_pool";

  DatastoreId id;
  std::string ds_mad;
  std::string tm_mad;
  std::string base_path;
  DatastoreType kind = DatastoreType::image;
  DiskType disk_type = DiskType::file;
  DatastoreState state = DatastoreState::ready;
  IdSet<ClusterTag> clusters;
  long long total_mb = 0;
  long long free_mb = 0;
  long long used_mb = 0;
  IdSet<ImageTag> images;
  Template attributes;

  bool operator==(const Datastore&) const = default;

  template <class S = Datastore>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(),
        std::tuple{Field{"PERMISSIONS", &S::permissions}, Field{"DS_MAD", &S::ds_mad, cdata},
                   Field{"TM_MAD", &S::tm_mad, cdata}, Field{"BASE_PATH", &S::base_path, cdata},
                   Field{"TYPE", &S::kind}, Field{"DISK_TYPE", &S::disk_type},
                   Field{"STATE", &S::state}, Field{"CLUSTERS", &S::clusters},
                   Field{"TOTAL_MB", &S::total_mb}, Field{"FREE_MB", &S::free_mb},
                   Field{"USED_MB", &S::used_mb}, Field{"IMAGES", &S::images},
                   Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
