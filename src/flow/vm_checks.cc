// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_checks.h"

#include <algorithm>
#include <array>
#include <string>

#include "text/trim.h"

namespace nubo {
namespace {

constexpr std::array costs{"CPU_COST", "MEMORY_COST", "DISK_COST"};
constexpr std::array feature_flags{"PAE",       "ACPI",        "APIC", "HYPERV",
                                   "LOCALTIME", "GUEST_AGENT", "RAS",  "MIGRATE_COMPRESSED"};
constexpr long long least_vram = 1024;
constexpr std::array video_types{"none", "vga", "cirrus", "virtio"};
constexpr std::array pci_ids{"VENDOR", "DEVICE", "CLASS"};
constexpr std::array resize_modes{"BALLOONING", "HOTPLUG"};

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
    if (attributes.number<double>(name).value_or(0) < 0) {
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
  const std::string mode = upper_case(attributes.get("MEMORY_RESIZE_MODE"));
  if (!contains(resize_modes, mode)) {
    return fail(Code::internal, "MEMORY_RESIZE_MODE must be BALLOONING or HOTPLUG, not {}", mode);
  }
  attributes.set("MEMORY_RESIZE_MODE", mode);
  return ok();
}

Status check_video(const Template& attributes) {
  const Vector* video = attributes.vector("VIDEO");
  if (!video) return ok();
  if (!contains(video_types, video->get("TYPE"))) {
    return fail(Code::internal, "Invalid VIDEO section: unsupported TYPE {}", video->get("TYPE"));
  }
  if (video->contains("VRAM") && video->number<long long>("VRAM").value_or(0) < least_vram) {
    return fail(Code::internal, "Invalid VRAM value in VIDEO attribute, must be >= {}", least_vram);
  }
  return ok();
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// A device is named by its address, or by what it is.
Status check_pci(const Template& attributes) {
  for (const Vector* pci : attributes.vectors("PCI")) {
    bool is_described = false;
    for (const char* key : pci_ids) {
      if (pci->get(key).empty()) continue;
      is_described = true;
      if (!is_hex(pci->get(key))) {
        return fail(Code::internal, "Wrong Hex value for PCI attribute {}", key);
      }
    }
    const bool has_address = !pci->get("SHORT_ADDRESS").empty();
    if (is_described && has_address) {
      return fail(Code::internal,
                  "SHORT_ADDRESS cannot be set with VENDOR, DEVICE or CLASS in PCI attribute");
    }
    if (!is_described && !has_address) {
      return fail(Code::internal,
                  "Missing SHORT_ADDRESS, VENDOR, DEVICE or CLASS in PCI attribute");
    }
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

Status check_raw(const Template& attributes, const std::set<std::string>& hypervisors) {
  for (const Vector* raw : attributes.vectors("RAW")) {
    if (hypervisors.contains(raw->get("TYPE")) || !raw->yes("VALIDATE", true)) continue;
    return fail(Code::internal, "Invalid RAW section: unsupported TYPE");
  }
  return ok();
}

Status check_attributes(Template& attributes, const std::set<std::string>& hypervisors) {
  normalise_features(attributes);
  NUBO_CHECK(check_capacity(attributes));
  NUBO_CHECK(check_memory_mode(attributes));
  NUBO_CHECK(check_raw(attributes, hypervisors));
  NUBO_CHECK(check_pci(attributes));
  NUBO_CHECK(check_graphics(attributes));
  return check_video(attributes);
}

}  // namespace nubo
