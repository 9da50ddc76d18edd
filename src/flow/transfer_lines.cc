// SPDX-License-Identifier: Apache-2.0
#include "flow/transfer_lines.h"

#include <fmt/format.h>

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
  for (const Vector* disk : vm_.system.vectors("DISK")) {
    if (is_filesystem(*disk)) continue;
    const Status made = is_volatile(*disk) ? make_volatile(*disk, site) : fetch_image(*disk, site);
    if (!made) return context(made.error(), fmt::format("disk {}", disk->get("DISK_ID")));
  }
  NUBO_CHECK(fetch_boot_file("KERNEL", site));
  return fetch_boot_file("INITRD", site);
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
  for (const Vector* disk : vm_.system.vectors("DISK")) {
    if (is_filesystem(*disk)) continue;
    if (!disk->yes("SAVE")) {
      NUBO_CHECK(erase_disk(*disk, site));
      continue;
    }
    NUBO_CHECK(line({verb_for("MVDS", *disk), disk->get("TM_MAD"), site.disk(disk->get("DISK_ID")),
                     disk->get("SOURCE"), id_, disk->get("DATASTORE_ID")}));
  }
  return line({"DELETE", site.tm_mad, site.path, id_, site.datastore});
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

Result<std::string> transfer_lines(const Vm& vm, VmOperation operation,
                                   const TransferSites& sites) {
  const History* record = vm.current();
  if (!record) return fail(Code::internal, "VM {} was never placed on a host", vm.id);
  const History& before = vm.previous() ? *vm.previous() : *record;
  const Site here = site_on(record->hostname, *record, sites);
  const Site there = site_on(before.hostname, before, sites);
  Lines lines(vm, sites);
  switch (operation) {
    case VmOperation::tm_prolog:
      NUBO_CHECK(lines.prolog(here));
      break;
    case VmOperation::tm_prolog_resume:
      NUBO_CHECK(lines.move(site_on(sites.front_end, before, sites), here));
      break;
    case VmOperation::tm_prolog_migrate:
      NUBO_CHECK(lines.move(there, here));
      break;
    case VmOperation::tm_epilog:
      NUBO_CHECK(lines.epilog(here));
      break;
    case VmOperation::tm_epilog_front_end:
      NUBO_CHECK(lines.epilog(site_on(sites.front_end, *record, sites)));
      break;
    case VmOperation::tm_epilog_stop:
      NUBO_CHECK(lines.move(here, site_on(sites.front_end, *record, sites)));
      break;
    case VmOperation::tm_epilog_delete:
    case VmOperation::vmm_cleanup:
      NUBO_CHECK(lines.erase(here));
      break;
    case VmOperation::tm_epilog_delete_both:
    case VmOperation::vmm_cleanup_both:
      NUBO_CHECK(lines.erase(here));
      NUBO_CHECK(lines.erase(there));
      break;
    case VmOperation::vmm_cleanup_previous:
      NUBO_CHECK(lines.erase(there));
      break;
    case VmOperation::vmm_deploy:
    case VmOperation::vmm_restore:
      NUBO_CHECK(lines.context_cd(here, sites.vm_location));
      break;
    case VmOperation::none:
    case VmOperation::vmm_save:
    case VmOperation::vmm_shutdown:
    case VmOperation::vmm_cancel:
    case VmOperation::vmm_migrate:
    case VmOperation::vmm_reboot:
    case VmOperation::vmm_reset:
      break;
  }
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
