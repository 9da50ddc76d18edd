// SPDX-License-Identifier: Apache-2.0
#include "api/image_template.h"

#include <algorithm>
#include <array>

namespace nubo::api {
namespace {

// Indexed by wire number.
constexpr std::array<std::string_view, 8> type_words{
    "OS", "CDROM", "DATABLOCK", "KERNEL", "RAMDISK", "CONTEXT", "BACKUP", "FILESYSTEM"};

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::string setting_or(const Settings& settings, const char* name, const char* otherwise) {
  const std::string& value = settings.config.get(name);
  return value.empty() ? otherwise : value;
}

Failure no_size(std::string_view why) {
  return fail(Code::internal, "Cannot parse image SIZE: {}", why);
}

Status check_place(ImageType type, const Datastore& datastore) {
  if (type == ImageType::backup) {
    return fail(Code::internal,
                "IMAGES of type BACKUP can only be registered in an BACKUP_DS datastore");
  }
  if (datastore.kind == DatastoreType::file && !is_file(type)) {
    return fail(Code::internal,
                "Only IMAGES of type KERNEL, RAMDISK and CONTEXT can be registered in a FILE_DS "
                "datastore");
  }
  if (datastore.kind == DatastoreType::image && is_file(type)) {
    return fail(Code::internal,
                "IMAGES of type KERNEL, RAMDISK and CONTEXT cannot be registered in an IMAGE_DS "
                "datastore");
  }
  return ok();
}

// Code::internal unless PATH, SOURCE and FORMAT make sense together; fills FORMAT of empty disks.
Status settle_contents(Image& image, const Datastore& datastore) {
  if (!image.source.empty() && !image.path.empty()) {
    return fail(Code::internal, "PATH and SOURCE cannot be both set.");
  }
  if (!image.source.empty()) {
    if (image.format.empty()) return fail(Code::internal, "SOURCE needs FORMAT to be set.");
    return ok();
  }
  if (!image.path.empty()) {
    image.format.clear();  // the driver says which it is
    return ok();
  }
  if (image.kind == ImageType::filesystem) {
    image.format = "dir";
    return ok();
  }
  if (image.kind != ImageType::os && image.kind != ImageType::datablock) {
    return fail(Code::internal, "No PATH nor SOURCE in template.");
  }
  const std::string& driver = datastore.attributes.get("DRIVER");
  if (!driver.empty()) {
    image.format = driver;
  } else if (image.format.empty()) {
    image.format = "raw";
  }
  return ok();
}

bool wants_persistent(const Template& given, ImageType type) {
  if (is_file(type) || type == ImageType::cdrom) return false;
  return given.yes("PERSISTENT");
}

}  // namespace

std::string_view word_of(ImageType type) { return type_words.at(static_cast<std::size_t>(type)); }

std::optional<ImageType> image_type(std::string_view word, const Settings& settings) {
  const std::string wanted =
      word.empty() ? setting_or(settings, "DEFAULT_IMAGE_TYPE", "OS") : upper(word);
  const auto* found = std::ranges::find(type_words, wanted);
  if (found == type_words.end()) return {};
  return static_cast<ImageType>(found - type_words.begin());
}

bool is_disk(ImageType type) {
  return type == ImageType::os || type == ImageType::datablock || type == ImageType::cdrom;
}

bool is_file(ImageType type) {
  return type == ImageType::kernel || type == ImageType::ramdisk || type == ImageType::context;
}

Result<std::optional<long long>> stated_size(const Template& given, const Settings& settings) {
  const auto type = image_type(given.get("TYPE"), settings);
  const bool has_source = !given.get("SOURCE").empty();
  const bool has_path = !given.get("PATH").empty();
  const bool may_be_empty = !type || *type == ImageType::os || *type == ImageType::datablock;
  if (!has_source && has_path) return std::optional<long long>();
  if (!has_source && !may_be_empty && *type != ImageType::backup) {
    return no_size(fmt::format("Either PATH or SOURCE are required for {}", word_of(*type)));
  }
  const auto size = given.number<long long>("SIZE");
  if (!size || *size < 0) return no_size("Wrong number or missing SIZE attribute.");
  return size;
}

Result<Image> image_from(Template given, const Datastore& datastore, long long size_mb,
                         const Settings& settings) {
  Image image;
  image.name = given.get("NAME");
  const auto type = image_type(given.get("TYPE"), settings);
  if (!type) return fail(Code::internal, "Unknown type ");
  image.kind = *type;
  NUBO_CHECK(check_place(image.kind, datastore));
  image.source = given.get("SOURCE");
  image.path = given.get("PATH");
  image.format = given.get("FORMAT");
  image.fs = given.get("FS");
  image.size_mb = size_mb;
  image.persistent = wants_persistent(given, image.kind);
  const Vector* conf = settings.entry("DS_MAD_CONF", datastore.ds_mad);
  if (conf && conf->yes("PERSISTENT_ONLY") && !image.persistent) {
    return fail(Code::internal, "This Datastore only accepts persistent images.");
  }
  NUBO_CHECK(settle_contents(image, datastore));
  for (const char* name : {"NAME", "TYPE", "PATH", "SIZE", "PERSISTENT", "SOURCE", "FORMAT", "FS",
                           "DRIVER", "TM_MAD"}) {
    given.erase(name);
  }
  if (image.kind != ImageType::os && image.kind != ImageType::datablock) {
    given.erase("DEV_PREFIX");
  } else if (given.get("DEV_PREFIX").empty()) {
    given.set("DEV_PREFIX", setting_or(settings, "DEFAULT_DEVICE_PREFIX", "sd"));
  }
  if (!image.persistent && given.get("PERSISTENT_TYPE") == "SHAREABLE") {
    given.erase("PERSISTENT_TYPE");
  }
  given.drop_empty_vectors();
  image.attributes = std::move(given);
  image.disk_type = datastore.disk_type;
  image.datastore_id = datastore.id;
  image.datastore = datastore.name;
  image.snapshots.set("ALLOW_ORPHANS", "NO");
  image.snapshots.set("CURRENT_BASE", "-1");
  image.snapshots.set("NEXT_SNAPSHOT", "0");
  return image;
}

std::string making_operation(const Image& image) {
  if (image.cloning_id.is_set()) return "ds.clone";
  if (!image.path.empty()) return "ds.cp";
  return image.source.empty() ? "ds.mkfs" : "";
}

}  // namespace nubo::api
