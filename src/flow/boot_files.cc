// SPDX-License-Identifier: Apache-2.0
#include "flow/boot_files.h"

#include <array>

#include "flow/variables.h"
#include "flow/vm_disks.h"

namespace nubo {
namespace {

struct BootFile {
  const char* key;
  const char* file;  // its name in the system directory
  ImageType type;
};

constexpr std::array boot_files{BootFile{"KERNEL", "kernel", ImageType::kernel},
                                BootFile{"INITRD", "initrd", ImageType::ramdisk}};

Status resolve(const Draft& draft, const Vm& vm, const BootFile& boot, Vector& os) {
  const std::string given = fmt::format("{}_DS", boot.key);
  if (os.get(given).empty()) return ok();
  NUBO_TRY(const auto files, named_files(os.get(given), boot.type, vm, draft.view()));
  if (files.size() != 1) return fail(Code::internal, "OS/{} must name one $FILE[...]", given);
  const Image& image = *files.front();
  NUBO_TRY(const Datastore* const datastore, draft.get<Datastore>(image.datastore_id));
  os.erase(boot.key);
  os.set(given + "_ID", std::to_string(image.id.value));
  os.set(given + "_SOURCE", image.source);
  os.set(given + "_DSID", std::to_string(datastore->id.value));
  os.set(given + "_TM", datastore->tm_mad);
  os.set(given + "_CLUSTER_ID", cluster_list(datastore->clusters));
  return ok();
}

}  // namespace

Status resolve_boot_files(const Draft& draft, Vm& vm) {
  Vector* const os = vm.system.vector("OS");
  if (!os) return ok();
  for (const BootFile& boot : boot_files) NUBO_CHECK(resolve(draft, vm, boot, *os));
  return ok();
}

void place_boot_files(Vm& vm, const std::string& system_directory) {
  Vector* const os = vm.system.vector("OS");
  for (const BootFile& boot : boot_files) {
    if (!os || !os->contains(fmt::format("{}_DS_SOURCE", boot.key))) continue;
    os->set(boot.key, fmt::format("{}/{}", system_directory, boot.file));
  }
}

}  // namespace nubo
