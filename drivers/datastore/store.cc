// SPDX-License-Identifier: Apache-2.0
#include "datastore/store.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/numbers.h"
#include "base/undo.h"
#include "datastore/paths.h"
#include "datastore/store_functions.h"
#include "ssh/disk_space.h"
#include "ssh/quote.h"

namespace nubo::datastore {

namespace {

using driver::Values;

// Formats that keep all of an image in one file and that name no other file.
constexpr std::array<std::string_view, 6> self_contained{"raw", "qcow2", "vdi",
                                                         "vpc", "vhdx",  "vmdk"};

bool is_hex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

long megabytes(long bytes) { return (bytes + (1L << 20) - 1) >> 20; }

}  // namespace

Store::Store(const Parts& parts, DatastoreFacts datastore, ImageFacts image)
    : parts_(parts),
      datastore_(std::move(datastore)),
      image_(std::move(image)),
      node_(ssh::choose_bridge(datastore_.bridge_list, image_.id)),
      batch_(parts.nodes, store_functions, parts.context) {
  batch_.doing(fmt::format("image {}", image_.id));
}

std::string Store::place_of(std::string_view purpose) const {
  return datastore_.base_path + "/" + image_.file_name(purpose);
}

Result<Values> Store::build(const std::string& source, Status (Store::*fill)(const std::string&)) {
  NUBO_CHECK(file_of(datastore_, source));
  NUBO_TRY(const std::string state, batch_.ask(node_, {"begin", source}));
  if (state != "done") {
    Undo undo;
    undo.push([this, &source] { (void)batch_.ask(node_, {"drop_part", source}); });
    NUBO_CHECK((this->*fill)(source));
    NUBO_CHECK(batch_.add(node_, {"publish", source}));
    NUBO_CHECK(batch_.flush());
    undo.commit();
  }
  NUBO_TRY(const Described made, describe(source));
  return Values{{"source", source}, {"format", made.format}};
}

Result<Values> Store::copy() { return build(place_of(""), &Store::fill_from_path); }

Result<Values> Store::clone() { return build(place_of("clone:"), &Store::fill_from_image); }

Result<Values> Store::make() {
  const std::string source = place_of("");
  if (image_.format == "save_as") return Values{{"source", source}, {"format", "raw"}};
  return build(source, &Store::fill_empty);
}

Status Store::fill_from_path(const std::string& source) {
  NUBO_CHECK(fetch(source));
  for (const auto& [program, hash] : {std::pair{"md5sum", image_.md5}, {"sha1sum", image_.sha1}}) {
    if (!is_hex(hash)) return fail(Code::action, "\"{}\" is no checksum", hash);
    NUBO_CHECK(batch_.add(node_, {"check_hash", source, program, hash}));
  }
  if (datastore_.is_for_files()) return ok();
  if (datastore_.unpacks) NUBO_CHECK(batch_.add(node_, {"unpack", source}));
  return convert(source);
}

Status Store::fetch(const std::string& source) {
  const bool is_web = is_web_address(image_.path);
  const std::string& limit = datastore_.bandwidth;
  if (is_web) return batch_.add(node_, {"download", source, image_.path, limit});
  NUBO_TRY(const std::string file, allowed_file(image_.path, datastore_, parts_.always_restricted));
  if (parts_.nodes.is_local(node_)) return batch_.add(node_, {"copy_in", source, file});
  return batch_.pipe(
      {"", ssh::command_line({"cat", "--", file})},
      {node_, ssh::command_line({"cp", "--sparse=always", "/dev/stdin", source + ".part/image"})});
}

// The format that the datastore wants; formats that a hypervisor does not run from become qcow2.
Status Store::convert(const std::string& source) {
  NUBO_TRY(const Described found, describe(source + ".part/image"));
  if (image_.is_cd() || !datastore_.converts) return ok();
  const bool is_known = found.format == "raw" || found.format == "qcow2";
  const std::string wanted =
      !datastore_.driver.empty() ? datastore_.driver : (is_known ? found.format : "qcow2");
  if (found.format == wanted) return ok();
  if (wanted != "raw" && wanted != "qcow2")
    return fail(Code::action, "DRIVER {} of datastore {} is neither raw nor qcow2", wanted,
                datastore_.id);
  return batch_.add(node_, {"convert", source, found.format, wanted});
}

Status Store::fill_empty(const std::string& source) {
  const std::string format = !datastore_.driver.empty() ? datastore_.driver
                             : image_.format.empty()    ? "raw"
                                                        : image_.format;
  if (format != "raw" && format != "qcow2")
    return fail(Code::action, "cannot make an image of format {}", format);
  if (parse_number<long>(image_.size_mb).value_or(0) <= 0)
    return fail(Code::action, "cannot make an image of {} MB", image_.size_mb);
  return batch_.add(node_, {"create", source, image_.size_mb, format, image_.file_system});
}

Status Store::fill_from_image(const std::string& source) {
  const std::string& origin = image_.path.empty() ? image_.source : image_.path;
  NUBO_TRY(const std::string file, file_beside(datastore_, origin));
  return batch_.add(node_, {"copy_in", source, file});
}

Result<Store::Described> Store::describe(const std::string& file) {
  if (datastore_.is_for_files()) return Described{.format = "raw"};
  NUBO_TRY(const std::string said, batch_.ask(node_, {"describe", file}));
  const auto json = nlohmann::json::parse(said, nullptr, false);
  if (!json.is_object()) return fail(Code::internal, "qemu-img does not describe {}", file);
  std::string format = json.value("format", "");
  if (format == "luks") format = "raw";
  const bool names_others =
      json.contains("backing-filename") ||
      (json.contains("format-specific") && json["format-specific"].contains("data") &&
       json["format-specific"]["data"].contains("data-file"));
  if (names_others)
    return fail(Code::action, "the image is only part of one: it names other files");
  if (std::ranges::find(self_contained, format) == self_contained.end())
    return fail(Code::action, "images of format {} are not supported", format);
  return Described{format, json.value("virtual-size", 0L)};
}

Result<Values> Store::remove() {
  if (image_.source.empty()) return Values{};
  NUBO_TRY(const std::string file, file_of(datastore_, image_.source));
  NUBO_CHECK(batch_.add(node_, {"remove", file}));
  NUBO_CHECK(batch_.flush());
  return Values{};
}

// What is to be copied is seen from the front-end, wherever the datastore is.
Result<Values> Store::stat() {
  long bytes = 0;
  std::string said;
  if (is_web_address(image_.path)) {
    NUBO_TRY(said, batch_.ask("", {"measure_address", image_.path}));
  } else {
    NUBO_TRY(const std::string file,
             allowed_file(image_.path, datastore_, parts_.always_restricted));
    const bool unpacks = datastore_.unpacks && !datastore_.is_for_files();
    NUBO_TRY(said, batch_.ask("", {"measure_file", file, unpacks ? "yes" : "no"}));
  }
  if (const auto number = parse_number<long>(said)) {
    bytes = *number;
  } else {
    const auto json = nlohmann::json::parse(said, nullptr, false);
    if (json.is_object()) bytes = json.value("virtual-size", 0L);
  }
  return Values{{"size_mb", std::to_string(megabytes(bytes))}};
}

Result<Values> Store::monitor() {
  return ssh::disk_space(parts_.nodes, {node_, datastore_.base_path}, parts_.context);
}

}  // namespace nubo::datastore
