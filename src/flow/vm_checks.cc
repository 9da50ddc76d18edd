// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_checks.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace nubo {
namespace {

constexpr std::string_view forbidden_in_names = "&|:\\\";/'#{}$<>\t\n\v\f\r";
constexpr std::size_t longest_name = 128;

constexpr std::array costs{"CPU_COST", "MEMORY_COST", "DISK_COST"};
constexpr std::array feature_flags{"PAE", "ACPI", "APIC", "HYPERV", "LOCALTIME",
                                   "GUEST_AGENT", "RAS", "MIGRATE_COMPRESSED"};
constexpr std::array video_types{"none", "vga", "cirrus", "virtio"};
constexpr std::array raw_types{"kvm", "qemu", "lxc", "dummy"};
constexpr std::array resize_modes{"BALLOONING", "HOTPLUG"};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

Status check_capacity(const Template& attributes) {
  if (attributes.number<long long>("MEMORY").value_or(0) <= 0) {
    return fail(Code::internal, "MEMORY attribute must be a positive integer value.");
  }
  if (!(attributes.number<double>("CPU").value_or(0) > 0)) {
    return fail(Code::internal, "CPU attribute must be a positive float or integer value.");
  }
  if (attributes.contains("VCPU") && attributes.number<int>("VCPU").value_or(0) <= 0) {
    return fail(Code::internal, "VCPU attribute must be a positive integer value.");
  }
  for (const char* name : costs) {
    if (attributes.contains(name) && !(attributes.number<double>(name).value_or(-1) >= 0)) {
      return fail(Code::internal, "{} attribute must be a positive float or integer value.", name);
    }
  }
  return ok();
}

void normalise_features(Template& attributes) {
  Vector* features = attributes.vector("FEATURES");
  if (!features) return;
  for (const char* flag : feature_flags) {
    if (!features->contains(flag)) continue;
    features->set(flag, features->yes(flag) ? "YES" : "NO");
  }
}

Status check_memory_mode(Template& attributes) {
  if (!attributes.contains("MEMORY_RESIZE_MODE")) return ok();
  const std::string mode = upper(attributes.get("MEMORY_RESIZE_MODE"));
  if (!contains(resize_modes, mode)) {
    return fail(Code::internal, "MEMORY_RESIZE_MODE must be BALLOONING or HOTPLUG, not {}", mode);
  }
  attributes.set("MEMORY_RESIZE_MODE", mode);
  return ok();
}

Status check_video(const Template& attributes) {
  const Vector* video = attributes.vector("VIDEO");
  if (!video || contains(video_types, video->get("TYPE"))) return ok();
  return fail(Code::internal, "Invalid VIDEO section: unsupported TYPE {}", video->get("TYPE"));
}

Status check_raw(const Template& attributes) {
  for (const Vector* raw : attributes.vectors("RAW")) {
    if (contains(raw_types, raw->get("TYPE")) || !raw->yes("VALIDATE", true)) continue;
    return fail(Code::internal, "Invalid RAW section: unsupported TYPE");
  }
  return ok();
}

Status check_graphics(const Template& attributes) {
  const Vector* graphics = attributes.vector("GRAPHICS");
  if (!graphics || !graphics->contains("PORT")) return ok();
  const auto port = graphics->number<int>("PORT");
  if (port && *port >= 0 && *port <= 65535) return ok();
  return fail(Code::internal, "Wrong PORT number in GRAPHICS attribute: {}", graphics->get("PORT"));
}

}  // namespace

Status check_name(std::string_view name) {
  if (name.empty()) return fail(Code::internal, "Invalid NAME, it cannot be empty");
  const std::size_t bad = name.find_first_of(forbidden_in_names);
  if (bad != std::string_view::npos) {
    return fail(Code::internal, "Invalid NAME, char '{}' is not allowed", name[bad]);
  }
  if (name.size() > longest_name) {
    return fail(Code::internal, "Invalid NAME, max length is {} chars", longest_name);
  }
  return ok();
}

Status check_attributes(Template& attributes) {
  normalise_features(attributes);
  NUBO_CHECK(check_capacity(attributes));
  NUBO_CHECK(check_memory_mode(attributes));
  NUBO_CHECK(check_raw(attributes));
  NUBO_CHECK(check_graphics(attributes));
  return check_video(attributes);
}

}  // namespace nubo
