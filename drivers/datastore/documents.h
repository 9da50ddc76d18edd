// SPDX-License-Identifier: Apache-2.0
// What the datastore driver reads from the documents of an image and its datastore (sheets xml.md
// and objects.md §2.6, §3.7). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nubo::datastore {

struct ImageFacts {
  /// Code::internal for malformed XML.
  static Result<ImageFacts> parse(const std::string& document);

  bool is_cd() const { return type == 1; }

  /// A name in its datastore that is the same however often it is asked for and that no other image
  /// has, also not one of an oned that used the directory before: what OpenNebula's is made of, the
  /// time of registration and the id.
  std::string file_name(std::string_view purpose) const;

  int id = -1;
  int type = 0;  // 0 OS, 1 CDROM, 2 DATABLOCK, 3 KERNEL …
  std::string registered;
  std::string path;    // where it comes from
  std::string source;  // where it is
  std::string format, file_system, size_mb;
  std::string md5, sha1;
};

struct DatastoreFacts {
  static Result<DatastoreFacts> parse(const std::string& document);

  bool is_system() const { return type == 1; }

  bool is_for_files() const { return type == 2; }

  int id = -1;
  int type = 0;  // 0 images, 1 system, 2 files, 3 backups
  std::string ds_mad, tm_mad;
  std::string base_path;  // without doubled or trailing slashes
  std::vector<std::string> safe_dirs, restricted_dirs;
  std::string bridge_list;
  std::string driver;  // the format that all images are to have, or ""
  std::string bandwidth;
  bool unpacks = true;
  bool converts = true;
};

}  // namespace nubo::datastore
