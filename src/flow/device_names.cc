// SPDX-License-Identifier: Apache-2.0
#include "flow/device_names.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nubo {
namespace {

constexpr std::size_t most_hd = 4;
constexpr std::size_t most_sd = 256;

/// 0 → a, 25 → z, 26 → aa.
std::string letters(std::size_t number) {
  std::string text;
  for (++number; number > 0; number = (number - 1) / 26) {
    text.insert(text.begin(), static_cast<char>('a' + (number - 1) % 26));
  }
  return text;
}

bool modern_machine(const Vm& vm) {
  const Vector* os = vm.system.vector("OS");
  const std::string machine = os ? os->get("MACHINE") : "";
  return machine.find("q35") != std::string::npos || machine.find("virt") != std::string::npos;
}

class Targets {
 public:
  explicit Targets(bool modern) : modern_(modern) {}

  Status reserve(const std::string& target) {
    if (taken_.insert(target).second) return ok();
    return fail(Code::internal, "Two disks have defined the same target {}", target);
  }

  Status assign(Vector& device, const std::string& prefix) {
    const std::size_t limit = prefix == "hd" && !modern_ ? most_hd : most_sd;
    for (std::size_t number = 0; number < limit; ++number) {
      std::string target = prefix + letters(number);
      if (!taken_.insert(target).second) continue;
      device.set("TARGET", std::move(target));
      return ok();
    }
    return fail(Code::internal, "No device name left for disk {}: at most {} with prefix {}",
                device.get("DISK_ID"), limit, prefix);
  }

 private:
  bool modern_;
  std::set<std::string> taken_;
};

bool is_cdrom(const Vector& disk) { return disk.get("TYPE").ends_with("CDROM"); }

bool is_os_image(const Draft& draft, const Vector& disk) {
  const auto id = disk.number<int>("IMAGE_ID");
  const Image* image = id ? draft.find<Image>(ImageId{*id}) : nullptr;
  return image && image->kind == ImageType::os;
}

/// The disks without a TARGET in the order in which they get one, before the context CD and after.
struct Queue {
  std::vector<Vector*> before;
  std::vector<Vector*> after;
};

Queue queue_of(const Draft& draft, Vm& vm) {
  Queue queue;
  std::vector<Vector*> cdroms;
  for (Vector* disk : vm.system.vectors("DISK")) {
    if (disk->contains("TARGET") || disk->get("TYPE") == "FILESYSTEM") continue;
    if (is_cdrom(*disk)) {
      cdroms.push_back(disk);
    } else if (queue.before.empty() && is_os_image(draft, *disk)) {
      queue.before.push_back(disk);
    } else {
      queue.after.push_back(disk);
    }
  }
  queue.before.insert(queue.before.end(), cdroms.begin(), cdroms.end());
  return queue;
}

/// "disk0" or "nic1" → the device that it names, or nullptr.
Vector* boot_device(Vm& vm, std::string_view word) {
  const bool disk = word.starts_with("disk");
  if (!disk && !word.starts_with("nic")) return nullptr;
  const std::string_view number = word.substr(disk ? 4 : 3);
  for (Vector* device : vm.system.vectors(disk ? "DISK" : "NIC")) {
    if (device->get(disk ? "DISK_ID" : "NIC_ID") == number) return device;
  }
  return nullptr;
}

std::vector<std::string> boot_words(std::string text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ',') {
      words.emplace_back();
    } else if (c != ' ') {
      words.back().push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
  }
  return words;
}

Failure no_boot_device(const std::string& word) {
  if (word.starts_with("disk")) {
    return fail(Code::internal, "Wrong OS/BOOT value. Device with DISK_ID {} not found",
                word.substr(4));
  }
  if (word.starts_with("nic")) {
    return fail(Code::internal, "Wrong OS/BOOT value. Device with NIC_ID {} not found",
                word.substr(3));
  }
  return fail(Code::internal, "Wrong OS/BOOT value. Unknown device {}", word);
}

}  // namespace

Status assign_targets(const Draft& draft, Vm& vm, const VmSettings& settings) {
  const bool modern = modern_machine(vm);
  const std::string cd_prefix = modern ? "sd" : settings.default_cdrom_prefix;
  Targets targets(modern);
  for (const Vector* disk : vm.system.vectors("DISK")) {
    if (disk->contains("TARGET")) NUBO_CHECK(targets.reserve(disk->get("TARGET")));
  }
  Vector* context = vm.system.vector("CONTEXT");
  const bool context_has = context && context->contains("TARGET");
  if (context_has) NUBO_CHECK(targets.reserve(context->get("TARGET")));

  const auto prefix_of = [&](const Vector& device) {
    const std::string& own = device.get("DEV_PREFIX");
    return own.empty() ? cd_prefix : own;
  };
  const Queue queue = queue_of(draft, vm);
  for (Vector* disk : queue.before) {
    NUBO_CHECK(targets.assign(*disk, prefix_of(*disk)));
  }
  if (context && !context_has) NUBO_CHECK(targets.assign(*context, prefix_of(*context)));
  for (Vector* disk : queue.after) NUBO_CHECK(targets.assign(*disk, prefix_of(*disk)));
  return ok();
}

Status assign_target(const Vm& vm, Vector& disk, const VmSettings& settings) {
  if (disk.get("TYPE") == "FILESYSTEM") return ok();
  const bool modern = modern_machine(vm);
  Targets targets(modern);
  for (const char* name : {"DISK", "CONTEXT"}) {
    for (const Vector* each : vm.system.vectors(name)) {
      if (each->contains("TARGET")) (void)targets.reserve(each->get("TARGET"));
    }
  }
  if (!disk.get("TARGET").empty()) {
    if (targets.reserve(disk.get("TARGET"))) return ok();
    return fail(Code::internal, "Target {} is already in use.", disk.get("TARGET"));
  }
  std::string prefix = disk.get("DEV_PREFIX");
  if (prefix.empty() && is_cdrom(disk)) prefix = modern ? "sd" : settings.default_cdrom_prefix;
  return targets.assign(disk, prefix);
}

Status set_boot_order(Vm& vm) {
  const Vector* os = vm.system.vector("OS");
  const std::string boot = os ? os->get("BOOT") : "";
  for (const char* kind : {"DISK", "NIC"}) {
    for (Vector* device : vm.system.vectors(kind)) device->erase("ORDER");
  }
  if (boot.empty()) return ok();
  int order = 0;
  for (const std::string& word : boot_words(boot)) {
    Vector* device = boot_device(vm, word);
    if (!device) return no_boot_device(word);
    device->set("ORDER", std::to_string(++order));
  }
  return ok();
}

}  // namespace nubo
