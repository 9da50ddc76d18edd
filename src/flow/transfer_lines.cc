// SPDX-License-Identifier: Apache-2.0
#include "flow/transfer_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "text/trim.h"

namespace nubo {
namespace {

using Words = std::initializer_list<std::string_view>;

/// Where the files of a VM are: on the node of a history record or on the front-end.
struct Site {
  std::string path;  // node:directory
  std::string datastore;
  std::string tm_mad;

  std::string disk(std::string_view id) const { return fmt::format("{}/disk.{}", path, id); }
};

Site site_on(const std::string& node, const History& record, const TransferSites& sites) {
  return {.path = fmt::format("{}:{}", node, system_directory(record, sites)),
          .datastore = std::to_string(record.datastore_id.value),
          .tm_mad = record.tm_mad};
}

class Lines {
 public:
  Lines(const Vm& vm, const TransferSites& sites)
      : vm_(vm), id_(std::to_string(vm.id.value)), front_end_(sites.front_end) {}

  Status prolog(const Site& site);
  Status move(const Site& from, const Site& to);
  Status epilog(const Site& site);
  Status erase(const Site& site);
  Status context_cd(const Site& site, const std::string& vm_location);
  Status attach(const Vector& disk, const Site& site);
  Status detach(const Vector& disk, const Site& site);

  Status take_out(const Vector& disk, const Site& site) { return erase_disk(disk, site); }

  Status snapshot(std::string_view verb, const Vector& disk, const Site& site);
  Status resize(const Vector& disk, const Site& site);
  Status save_as(const Vector& disk, const Site& site, const std::string& source);
  Status line(Words words);

  std::string take() { return std::move(text_); }

 private:
  Status make_volatile(const Vector& disk, const Site& site);
  Status fetch_image(const Vector& disk, const Site& site);
  Status fetch_boot_file(std::string_view key, const Site& site);
  Status erase_disk(const Vector& disk, const Site& site);
  std::string at_front_end(std::string_view source) const;

  const Vm& vm_;
  std::string id_;
  std::string_view front_end_;
  std::string text_;
};

bool is_volatile(const Vector& disk) {
  const std::string type = upper_case(disk.get("TYPE"));
  return type == "SWAP" || type == "FS";
}

/// A shared directory: nothing is made, moved or removed.
bool is_filesystem(const Vector& disk) { return upper_case(disk.get("TYPE")) == "FILESYSTEM"; }

/// The transfer manager and the datastore that are answerable for a disk.
struct Keeper {
  std::string tm_mad;
  std::string datastore;
};

Keeper keeper_of(const Vector& disk, const Site& site) {
  if (is_volatile(disk)) return {site.tm_mad, site.datastore};
  return {disk.get("TM_MAD"), disk.get("DATASTORE_ID")};
}

/// "CLONE.ssh" for a disk whose transfer manager works together with another system one.
std::string verb_for(std::string_view verb, const Vector& disk) {
  const std::string& system = disk.get("TM_MAD_SYSTEM");
  return system.empty() ? std::string(verb) : fmt::format("{}.{}", verb, system);
}

Status Lines::line(Words words) {
  std::string_view separator;
  for (const std::string_view word : words) {
    if (word.empty()) return fail(Code::internal, "a word is missing in \"{}\"", *words.begin());
    if (word.find_first_of(" \t\r\n\v\f") != word.npos) {
      return fail(Code::internal, "\"{}\" holds a blank, which a transfer line cannot carry", word);
    }
    text_.append(separator).append(word);
    separator = " ";
  }
  text_.push_back('\n');
  return ok();
}

std::string Lines::at_front_end(std::string_view source) const {
  const bool has_host = source.find(':') != source.npos;
  return has_host ? std::string(source) : fmt::format("{}:{}", front_end_, source);
}

Status Lines::prolog(const Site& site) {
  for (const Vector* disk : vm_.system.vectors("DISK")) NUBO_CHECK(attach(*disk, site));
  NUBO_CHECK(fetch_boot_file("KERNEL", site));
  return fetch_boot_file("INITRD", site);
}

Status Lines::attach(const Vector& disk, const Site& site) {
  if (is_filesystem(disk)) return ok();
  const Status made = is_volatile(disk) ? make_volatile(disk, site) : fetch_image(disk, site);
  if (made) return ok();
  return context(made.error(), fmt::format("disk {}", disk.get("DISK_ID")));
}

Status Lines::make_volatile(const Vector& disk, const Site& site) {
  const std::string target = site.disk(disk.get("DISK_ID"));
  const std::string& size = disk.get("SIZE");
  if (upper_case(disk.get("TYPE")) == "SWAP") {
    return line({"MKSWAP", site.tm_mad, size, target, id_, site.datastore});
  }
  return line({"MKIMAGE", site.tm_mad, size, disk.get("FORMAT"), target, id_, site.datastore});
}

Status Lines::fetch_image(const Vector& disk, const Site& site) {
  for (const char* key : {"SOURCE", "TM_MAD", "CLONE", "DATASTORE_ID"}) {
    if (disk.get(key).empty()) return fail(Code::internal, "{} is not known", key);
  }
  return line({verb_for(disk.yes("CLONE") ? "CLONE" : "LN", disk), disk.get("TM_MAD"),
               at_front_end(disk.get("SOURCE")), site.disk(disk.get("DISK_ID")), id_,
               disk.get("DATASTORE_ID")});
}

Status Lines::fetch_boot_file(std::string_view key, const Site& site) {
  const Vector* os = vm_.system.vector("OS");
  const auto value = [&](std::string_view suffix) {
    return os->get(fmt::format("{}{}", key, suffix));
  };
  if (!os || value("_DS_SOURCE").empty()) return ok();
  const std::string name = key == "KERNEL" ? "kernel" : "initrd";
  return line({"CLONE", value("_DS_TM"), at_front_end(value("_DS_SOURCE")), site.path + "/" + name,
               id_, value("_DS_DSID")});
}

Status Lines::move(const Site& from, const Site& to) {
  for (const Vector* disk : vm_.system.vectors("DISK")) {
    if (is_filesystem(*disk)) continue;
    const auto [tm_mad, datastore] = keeper_of(*disk, to);
    const std::string& disk_id = disk->get("DISK_ID");
    NUBO_CHECK(line(
        {verb_for("MV", *disk), tm_mad, from.disk(disk_id), to.disk(disk_id), id_, datastore}));
  }
  return line({"MV", to.tm_mad, from.path, to.path, id_, to.datastore});
}

Status Lines::erase_disk(const Vector& disk, const Site& site) {
  const auto [tm_mad, datastore] = keeper_of(disk, site);
  return line({verb_for("DELETE", disk), tm_mad, site.disk(disk.get("DISK_ID")), id_, datastore});
}

Status Lines::epilog(const Site& site) {
  for (const Vector* disk : vm_.system.vectors("DISK")) NUBO_CHECK(detach(*disk, site));
  return line({"DELETE", site.tm_mad, site.path, id_, site.datastore});
}

Status Lines::detach(const Vector& disk, const Site& site) {
  if (is_filesystem(disk)) return ok();
  if (!disk.yes("SAVE")) return erase_disk(disk, site);
  return line({verb_for("MVDS", disk), disk.get("TM_MAD"), site.disk(disk.get("DISK_ID")),
               disk.get("SOURCE"), id_, disk.get("DATASTORE_ID")});
}

Status Lines::snapshot(std::string_view verb, const Vector& disk, const Site& site) {
  const auto [tm_mad, datastore] = keeper_of(disk, site);
  return line({verb_for(verb, disk), tm_mad, site.disk(disk.get("DISK_ID")),
               disk.get("DISK_SNAPSHOT_ID"), id_, datastore});
}

Status Lines::resize(const Vector& disk, const Site& site) {
  const auto [tm_mad, datastore] = keeper_of(disk, site);
  return line({verb_for("RESIZE", disk), tm_mad, site.disk(disk.get("DISK_ID")), disk.get("SIZE"),
               id_, datastore});
}

Status Lines::save_as(const Vector& disk, const Site& site, const std::string& source) {
  return line({verb_for("CPDS", disk), disk.get("TM_MAD"), site.disk(disk.get("DISK_ID")), source,
               disk.get("HOTPLUG_SAVE_AS_SNAPSHOT_ID"), id_, disk.get("DATASTORE_ID")});
}

Status Lines::erase(const Site& site) {
  for (const Vector* disk : vm_.system.vectors("DISK")) {
    if (!is_filesystem(*disk)) NUBO_CHECK(erase_disk(*disk, site));
  }
  return line({"DELETE", site.tm_mad, site.path, id_, site.datastore});
}

Status Lines::context_cd(const Site& site, const std::string& vm_location) {
  const Vector* values = vm_.system.vector("CONTEXT");
  if (!values) return ok();
  return line({"CONTEXT", site.tm_mad, fmt::format("{}/{}/context.sh", vm_location, id_),
               site.disk(values->get("DISK_ID")), id_, site.datastore});
}

}  // namespace

std::string system_directory(const History& record, const TransferSites& sites) {
  return fmt::format("{}/{}/{}", sites.datastore_location, record.datastore_id, record.vm);
}

namespace {

/// Lines about one disk: which it is, and what they are.
struct DiskRow {
  VmOperation operation;
  const char* mark;
  Status (*write)(Lines&, const Vector& disk, const Site&, const TransferWork&);
};

Status write_attach(Lines& lines, const Vector& disk, const Site& site, const TransferWork&) {
  return lines.attach(disk, site);
}

Status write_detach(Lines& lines, const Vector& disk, const Site& site, const TransferWork&) {
  return lines.detach(disk, site);
}

Status write_resize(Lines& lines, const Vector& disk, const Site& site, const TransferWork&) {
  return lines.resize(disk, site);
}

Status write_save(Lines& lines, const Vector& disk, const Site& site, const TransferWork& work) {
  return lines.save_as(disk, site, work.image_source);
}

constexpr const char* snap_create = "SNAP_CREATE";
constexpr const char* snap_create_live = "SNAP_CREATE_LIVE";
constexpr const char* snap_revert = "SNAP_REVERT";
constexpr const char* snap_delete = "SNAP_DELETE";

template <const char* const* verb>
Status write_snapshot(Lines& lines, const Vector& disk, const Site& site, const TransferWork&) {
  return lines.snapshot(*verb, disk, site);
}

constexpr std::array disk_rows{
    DiskRow{VmOperation::tm_prolog_attach, "ATTACH", write_attach},
    DiskRow{VmOperation::vmm_attachdisk, "ATTACH", write_attach},
    DiskRow{VmOperation::tm_epilog_detach, "ATTACH", write_detach},
    DiskRow{VmOperation::vmm_detachdisk, "ATTACH", write_detach},
    DiskRow{VmOperation::tm_resize, "RESIZE", write_resize},
    DiskRow{VmOperation::vmm_resizedisk, "RESIZE", write_resize},
    DiskRow{VmOperation::tm_saveas, "HOTPLUG_SAVE_AS_ACTIVE", write_save},
    DiskRow{VmOperation::vmm_disksnapshotcreate, "DISK_SNAPSHOT_ACTIVE",
            write_snapshot<&snap_create_live>},
    DiskRow{VmOperation::tm_snapshot_create, "DISK_SNAPSHOT_ACTIVE", write_snapshot<&snap_create>},
    DiskRow{VmOperation::tm_snapshot_revert, "DISK_SNAPSHOT_ACTIVE", write_snapshot<&snap_revert>},
    DiskRow{VmOperation::tm_snapshot_delete, "DISK_SNAPSHOT_ACTIVE", write_snapshot<&snap_delete>},
};

/// Lines about the VM's whole directory.
struct VmScene {
  Lines& lines;
  const TransferSites& sites;
  const History& record;
  const History& before;
  Site here;   // where it is to be
  Site there;  // where it was
};

Status write_prolog(const VmScene& scene) { return scene.lines.prolog(scene.here); }

Status write_return(const VmScene& scene) {
  return scene.lines.move(site_on(scene.sites.front_end, scene.before, scene.sites), scene.here);
}

Status write_migration(const VmScene& scene) { return scene.lines.move(scene.there, scene.here); }

Status write_epilog(const VmScene& scene) { return scene.lines.epilog(scene.here); }

Status write_epilog_front_end(const VmScene& scene) {
  return scene.lines.epilog(site_on(scene.sites.front_end, scene.record, scene.sites));
}

Status write_stop(const VmScene& scene) {
  return scene.lines.move(scene.here, site_on(scene.sites.front_end, scene.record, scene.sites));
}

Status write_removal(const VmScene& scene) { return scene.lines.erase(scene.here); }

Status write_removal_there(const VmScene& scene) { return scene.lines.erase(scene.there); }

Status write_removal_both(const VmScene& scene) {
  NUBO_CHECK(scene.lines.erase(scene.here));
  return scene.lines.erase(scene.there);
}

Status write_context(const VmScene& scene) {
  return scene.lines.context_cd(scene.here, scene.sites.vm_location);
}

struct VmRowOfLines {
  VmOperation operation;
  Status (*write)(const VmScene&);
};

constexpr std::array vm_rows_of_lines{
    VmRowOfLines{VmOperation::tm_prolog, write_prolog},
    VmRowOfLines{VmOperation::tm_prolog_resume, write_return},
    VmRowOfLines{VmOperation::tm_prolog_migrate, write_migration},
    VmRowOfLines{VmOperation::tm_epilog, write_epilog},
    VmRowOfLines{VmOperation::tm_epilog_front_end, write_epilog_front_end},
    VmRowOfLines{VmOperation::tm_epilog_stop, write_stop},
    VmRowOfLines{VmOperation::tm_epilog_delete, write_removal},
    VmRowOfLines{VmOperation::vmm_cleanup, write_removal},
    VmRowOfLines{VmOperation::tm_epilog_delete_both, write_removal_both},
    VmRowOfLines{VmOperation::vmm_cleanup_both, write_removal_both},
    VmRowOfLines{VmOperation::vmm_cleanup_previous, write_removal_there},
    VmRowOfLines{VmOperation::vmm_deploy, write_context},
    VmRowOfLines{VmOperation::vmm_restore, write_context},
    VmRowOfLines{VmOperation::vmm_attachnic, write_context},
    VmRowOfLines{VmOperation::vmm_detachnic, write_context},
    VmRowOfLines{VmOperation::vmm_updateconf, write_context},
};

const Vector* marked_disk(const Vm& vm, const char* mark) {
  for (const Vector* disk : vm.system.vectors("DISK")) {
    if (disk->yes(mark)) return disk;
  }
  return nullptr;
}

Failure never_placed(const Vm& vm) {
  return fail(Code::internal, "VM {} was never placed on a host", vm.id);
}

}  // namespace

bool files_are_at_front_end(const Vm& vm) {
  using enum LcmState;
  constexpr std::array states{disk_resize_undeployed, hotplug_saveas_undeployed,
                              hotplug_saveas_stopped};
  return std::ranges::find(states, vm.lcm_state) != states.end();
}

Result<std::string> transfer_lines(const Vm& vm, const TransferWork& work,
                                   const TransferSites& sites) {
  const History* record = vm.current();
  if (!record) return never_placed(vm);
  const History& before = vm.previous() ? *vm.previous() : *record;
  Lines lines(vm, sites);
  const std::string& node = files_are_at_front_end(vm) ? sites.front_end : record->hostname;
  for (const DiskRow& row : disk_rows) {
    if (row.operation != work.operation) continue;
    const Vector* disk = marked_disk(vm, row.mark);
    if (!disk) return fail(Code::internal, "VM {} has no disk that changes", vm.id);
    NUBO_CHECK(row.write(lines, *disk, site_on(node, *record, sites), work));
  }
  for (const VmRowOfLines& row : vm_rows_of_lines) {
    if (row.operation != work.operation) continue;
    NUBO_CHECK(row.write({lines, sites, *record, before, site_on(record->hostname, *record, sites),
                          site_on(before.hostname, before, sites)}));
  }
  return lines.take();
}

Result<std::string> undoing_lines(const Vm& vm, VmOperation, const TransferSites& sites) {
  const History* record = vm.current();
  if (!record) return never_placed(vm);
  const Vector* disk = marked_disk(vm, "ATTACH");
  if (!disk || is_filesystem(*disk)) return std::string();
  Lines lines(vm, sites);
  NUBO_CHECK(lines.take_out(*disk, site_on(record->hostname, *record, sites)));
  return lines.take();
}

Result<std::string> migration_line(const Vm& vm, std::string_view verb,
                                   const TransferSites& sites) {
  const History* source = vm.previous();
  if (!source) return fail(Code::internal, "VM {} does not migrate", vm.id);
  const History& target = *vm.current();
  Lines lines(vm, sites);
  NUBO_CHECK(lines.line({verb, target.tm_mad, source->hostname, target.hostname,
                         system_directory(target, sites), std::to_string(vm.id.value),
                         std::to_string(target.datastore_id.value)}));
  return lines.take();
}

}  // namespace nubo
