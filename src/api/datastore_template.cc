// SPDX-License-Identifier: Apache-2.0
#include "api/datastore_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/lists.h"

namespace nubo::api {
namespace {

constexpr const char* no_driver = "-";
constexpr DatastoreId first_system_datastore{0};

struct TypeWord {
  std::string_view word;
  DatastoreType type;
};

constexpr std::array type_words{
    TypeWord{"IMAGE_DS", DatastoreType::image}, TypeWord{"SYSTEM_DS", DatastoreType::system},
    TypeWord{"FILE_DS", DatastoreType::file}, TypeWord{"BACKUP_DS", DatastoreType::backup}};

struct DiskTypeWord {
  std::string_view word;
  DiskType type;
  bool for_system;
};

constexpr std::array disk_type_words{DiskTypeWord{"FILE", DiskType::file, true},
                                     DiskTypeWord{"BLOCK", DiskType::block, true},
                                     DiskTypeWord{"RBD", DiskType::rbd, true},
                                     DiskTypeWord{"FILESYSTEM", DiskType::filesystem, true},
                                     DiskTypeWord{"ISCSI", DiskType::iscsi, false},
                                     DiskTypeWord{"GLUSTER", DiskType::gluster, false},
                                     DiskTypeWord{"SHEEPDOG", DiskType::sheepdog, false}};

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

DatastoreType type_of(const Template& attributes) {
  const std::string word = upper(attributes.get("TYPE"));
  const auto* found = std::ranges::find(type_words, word, &TypeWord::word);
  return found == type_words.end() ? DatastoreType::image : found->type;
}

std::string_view word_of(DatastoreType type) {
  return std::ranges::find(type_words, type, &TypeWord::type)->word;
}

bool is_system(const Datastore& datastore) { return datastore.kind == DatastoreType::system; }

bool is_backup(const Datastore& datastore) { return datastore.kind == DatastoreType::backup; }

bool has_disks(const Datastore& datastore) {
  return is_system(datastore) || datastore.kind == DatastoreType::image;
}

Result<const Vector*> tm_conf(const Settings& settings, const std::string& name) {
  if (name.empty()) return fail(Code::internal, "No TM_MAD in template.");
  if (const Vector* conf = settings.entry("TM_MAD_CONF", name)) return conf;
  return fail(Code::internal, "TM_MAD named \"{}\" is not defined in oned.conf", name);
}

Result<const Vector*> ds_conf(const Settings& settings, const std::string& name) {
  if (name.empty()) return fail(Code::internal, "No DS_MAD in template.");
  if (const Vector* conf = settings.entry("DS_MAD_CONF", name)) return conf;
  return fail(Code::internal, "DS_MAD named \"{}\" is not defined in oned.conf", name);
}

Status check_required(const Vector& conf, const Template& attributes) {
  for (const std::string_view name : split(conf.get("REQUIRED_ATTRS"))) {
    if (!name.empty() && attributes.get(name).empty()) {
      return fail(Code::internal,
                  "Datastore template is missing the \"{}\" attribute or it's empty.", name);
    }
  }
  return ok();
}

std::string value_or(const Vector& conf, const char* key, const char* otherwise) {
  const std::string& value = conf.get(key);
  return value.empty() ? otherwise : value;
}

void derive_for_system(Template& attributes, const Vector& conf) {
  attributes.set("SHARED", value_or(conf, "SHARED", "YES"));
  attributes.set("DS_MIGRATE", value_or(conf, "DS_MIGRATE", "YES"));
  attributes.set("DS_LIVE_MIGRATE", value_or(conf, "DS_LIVE_MIGRATE", "NO"));
  attributes.set("DS_MIGRATE_SNAP", value_or(conf, "DS_MIGRATE_SNAP", "NO"));
  attributes.erase("LN_TARGET");
  attributes.erase("CLONE_TARGET");
}

void derive_for_images(Template& attributes, const Vector& conf) {
  attributes.set("LN_TARGET", conf.get("LN_TARGET"));
  attributes.set("CLONE_TARGET", conf.get("CLONE_TARGET"));
  for (const char* key : {"DRIVER", "DISK_TYPE"}) {
    if (!conf.get(key).empty()) attributes.set(key, conf.get(key));
  }
  const std::string& modes = conf.get("TM_MAD_SYSTEM");
  if (!modes.empty()) attributes.set("TM_MAD_SYSTEM", modes);
  for (const std::string_view word : split(modes)) {
    const std::string mode = upper(std::string(word));
    for (const char* key : {"LN_TARGET_", "CLONE_TARGET_", "DISK_TYPE_"}) {
      attributes.set(key + mode, conf.get(key + mode));
    }
  }
  attributes.erase("SHARED");
}

/// What the transfer driver's configuration says of the datastore, put into its template.
void derive(Datastore& datastore, const Vector& conf) {
  if (is_system(datastore)) {
    derive_for_system(datastore.attributes, conf);
  } else {
    derive_for_images(datastore.attributes, conf);
  }
  datastore.attributes.set("ALLOW_ORPHANS", value_or(conf, "ALLOW_ORPHANS", "NO"));
  datastore.attributes.set("PERSISTENT_SNAPSHOTS", value_or(conf, "PERSISTENT_SNAPSHOTS", "YES"));
}

/// Reads DISK_TYPE into the element; Code::internal for a word that is none.
Status take_disk_type(Datastore& datastore) {
  if (!has_disks(datastore)) {
    datastore.disk_type = DiskType::file;
    datastore.attributes.erase("DISK_TYPE");
    return ok();
  }
  const std::string word = upper(datastore.attributes.get("DISK_TYPE"));
  const auto* found = std::ranges::find(disk_type_words, word, &DiskTypeWord::word);
  if (found == disk_type_words.end() || (is_system(datastore) && !found->for_system)) {
    return fail(Code::internal, "Unknown DISK_TYPE in template.");
  }
  datastore.disk_type = found->type;
  datastore.attributes.set("DISK_TYPE", word);
  return ok();
}

Status take_tm_mad(Datastore& datastore, const Settings& settings) {
  if (is_backup(datastore)) {
    datastore.tm_mad = no_driver;
    return ok();
  }
  const std::string name = datastore.attributes.get("TM_MAD");
  NUBO_TRY(const Vector* conf, tm_conf(settings, name));
  datastore.tm_mad = name;
  derive(datastore, *conf);
  return ok();
}

Status take_ds_mad(Datastore& datastore, const Settings& settings) {
  if (is_system(datastore)) {
    datastore.ds_mad = no_driver;
    datastore.attributes.erase("DS_MAD");
    return ok();
  }
  const std::string name = datastore.attributes.get("DS_MAD");
  NUBO_TRY(const Vector* conf, ds_conf(settings, name));
  NUBO_CHECK(check_required(*conf, datastore.attributes));
  datastore.ds_mad = name;
  if (!conf->get("DATASTORE_CAPACITY_CHECK").empty()) {
    datastore.attributes.set("DATASTORE_CAPACITY_CHECK", conf->get("DATASTORE_CAPACITY_CHECK"));
  }
  return ok();
}

void set_default_dirs(Template& attributes) {
  if (attributes.contains("SAFE_DIRS") || attributes.contains("RESTRICTED_DIRS")) return;
  attributes.set("SAFE_DIRS", "/var/tmp");
  attributes.set("RESTRICTED_DIRS", "/");
}

}  // namespace

Result<Datastore> datastore_from(Template given, const Settings& settings) {
  Datastore datastore;
  datastore.name = given.get("NAME");
  for (const char* name : {"NAME", "BASE_PATH"}) given.erase(name);
  datastore.kind = type_of(given);
  datastore.attributes = std::move(given);
  NUBO_CHECK(take_ds_mad(datastore, settings));
  NUBO_CHECK(take_tm_mad(datastore, settings));
  if (has_disks(datastore) && !datastore.attributes.contains("DISK_TYPE")) {
    datastore.attributes.set("DISK_TYPE", "FILE");
  }
  NUBO_CHECK(take_disk_type(datastore));
  set_default_dirs(datastore.attributes);
  return datastore;
}

Status settle_update(Datastore& changed, const Template& before, const Settings& settings) {
  for (const char* name :
       {"LVM_THIN_ENABLE", "NFS_AUTO_ENABLE", "NFS_AUTO_HOST", "NFS_AUTO_PATH", "NFS_AUTO_OPTS"}) {
    if (!changed.images.empty() && changed.attributes.get(name) != before.get(name)) {
      return fail(Code::internal, "{} cannot be changed while the datastore has images", name);
    }
  }
  const Datastore old = changed;
  const bool type_is_fixed = is_backup(changed) || changed.id == first_system_datastore;
  if (changed.attributes.contains("TYPE") && !type_is_fixed)
    changed.kind = type_of(changed.attributes);
  changed.attributes.set("TYPE", std::string(word_of(changed.kind)));

  if (changed.attributes.contains("TM_MAD")) {
    NUBO_CHECK(take_tm_mad(changed, settings));
  } else if (!is_backup(changed)) {
    changed.attributes.set("TM_MAD", changed.tm_mad);
  }
  if (changed.attributes.contains("DISK_TYPE")) NUBO_CHECK(take_disk_type(changed));
  if (!is_system(changed) && !changed.attributes.contains("DS_MAD")) {
    changed.attributes.set("DS_MAD", changed.ds_mad);
  }
  NUBO_CHECK(take_ds_mad(changed, settings));
  const bool is_elsewhere =
      is_system(changed) ? changed.tm_mad != old.tm_mad : changed.ds_mad != old.ds_mad;
  if (is_elsewhere) changed.total_mb = changed.free_mb = changed.used_mb = 0;
  return ok();
}

std::string base_path(const Settings& settings, DatastoreId id) {
  return fmt::format("{}/{}", settings.datastore_location, id);
}

long long available_mb(const Datastore& datastore) {
  const auto limit = datastore.attributes.number<long long>("LIMIT_MB");
  return std::max(0LL, limit ? *limit - datastore.used_mb : datastore.free_mb);
}

bool checks_capacity(const Datastore& datastore, const Settings& settings) {
  constexpr const char* name = "DATASTORE_CAPACITY_CHECK";
  return datastore.attributes.yes(name, settings.config.yes(name, true));
}

}  // namespace nubo::api
