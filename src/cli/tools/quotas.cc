// SPDX-License-Identifier: Apache-2.0
// Quotas of users and groups (sheet cli.md §3.2, §3.3).
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr const char* quota_help =
    "# Limits that a quota can have. -1: the default limit (defaultquota), -2: no limit.\n"
    "#   VM=[ VMS, MEMORY (MB), CPU, RUNNING_VMS, RUNNING_MEMORY, RUNNING_CPU, SYSTEM_DISK_SIZE "
    "(MB),\n"
    "#        PCI_DEV, RUNNING_PCI_DEV, PCI_NIC, RUNNING_PCI_NIC ]\n"
    "#   DATASTORE=[ ID, IMAGES, SIZE (MB) ]\n"
    "#   NETWORK=[ ID, LEASES ]\n"
    "#   IMAGE=[ ID, RVMS ]\n"
    "# Attributes that end in _USED only inform.\n";

constexpr std::array kinds{"DATASTORE", "VM", "NETWORK", "IMAGE"};

// The element of one kind with the id, in the object's own quotas or in the defaults.
XmlNode quota_of(const XmlNode& quotas, const char* kind, const std::string& id) {
  for (const XmlNode& one : quotas.child(fmt::format("{}_QUOTA", kind)).children(kind)) {
    if (id.empty() || one.get("ID") == id) return one;
  }
  return {};
}

// One "used / limit" cell.
class Cell {
 public:
  Cell(const XmlNode& quota, const XmlNode& defaults) : quota_(quota), defaults_(defaults) {}

  /// The limit that holds; negative when there is none.
  double limit(const std::string& name) const {
    const std::string own = quota_.get(name);
    const std::string text = own == "-1" || own.empty() ? defaults_.get(name) : own;
    return parse_number<double>(text).value_or(-2);
  }

  double used(const std::string& name) const { return decimal(quota_, name + "_USED"); }

  std::string count(const std::string& name, int width) const {
    const double most = limit(name);
    const auto in_use = static_cast<long long>(used(name));
    return most < 0
               ? fmt::format("{:{}} / {:>{}}", in_use, width, "-", width)
               : fmt::format("{:{}} / {:{}}", in_use, width, static_cast<long long>(most), width);
  }

  std::string size(const std::string& name, int width, int used_width) const {
    const double most = limit(name);
    return fmt::format("{:>{}} / {:>{}}", size_text(used(name), 'M'), used_width,
                       most < 0 ? "-" : size_text(most, 'M'), width);
  }

  std::string cpu(const std::string& name, int digits) const {
    const double most = limit(name);
    return fmt::format("{:6.1f} / {:>6}", used(name),
                       most < 0 ? "-" : fmt::format("{:.{}f}", most, digits));
  }

 private:
  XmlNode quota_;
  XmlNode defaults_;
};

using Rows = std::vector<std::vector<std::string>>;

void print_block(Page& page, const char* title, const std::vector<PageColumn>& columns,
                 const Rows& rows) {
  page.header(title);
  page.blank();
  if (!rows.empty()) page.table(columns, rows);
}

void print_machines_quotas(Page& page, const std::vector<XmlNode>& quotas,
                           const XmlNode& defaults) {
  Rows all, running;
  for (const XmlNode& quota : quotas) {
    const Cell cell(quota, defaults);
    const std::string clusters = get(quota, "CLUSTER_IDS");
    all.push_back({clusters, cell.count("VMS", 3), cell.size("MEMORY", 6, 6), cell.cpu("CPU", 2),
                   cell.count("PCI_DEV", 3), cell.count("PCI_NIC", 3),
                   cell.size("SYSTEM_DISK_SIZE", 6, 6)});
    running.push_back({clusters, cell.count("RUNNING_VMS", 3), cell.size("RUNNING_MEMORY", 6, 6),
                       cell.cpu("RUNNING_CPU", 1), cell.count("RUNNING_PCI_DEV", 3),
                       cell.count("RUNNING_PCI_NIC", 3)});
  }
  print_block(page, "VMS USAGE & QUOTAS",
              {{"CLUSTERS", 8},
               {"VMS", 9},
               {"MEMORY", 15},
               {"CPU", 15},
               {"PCI DEV", 9},
               {"PCI NIC", 9},
               {"DISK SIZE", 15}},
              all);
  if (!all.empty()) page.blank();
  print_block(page, "VMS USAGE & QUOTAS - RUNNING",
              {{"CLUSTERS", 8},
               {"RUN VMS", 9},
               {"RUN MEMORY", 15},
               {"RUN CPU", 15},
               {"RUN PCI", 12},
               {"RUN PCI NIC", 12}},
              running);
  if (!all.empty()) page.blank();
}

Rows resource_rows(const XmlNode& object, const XmlNode& defaults, const char* kind) {
  Rows rows;
  for (const XmlNode& quota : object.child(fmt::format("{}_QUOTA", kind)).children(kind)) {
    const std::string id = quota.get("ID");
    const Cell cell(quota, quota_of(defaults, kind, id));
    if (kind == kinds[0]) {
      rows.push_back({id, cell.count("IMAGES", 8), cell.size("SIZE", 8, 8)});
    } else {
      rows.push_back({id, cell.count(kind == kinds[2] ? "LEASES" : "RVMS", 8)});
    }
  }
  return rows;
}

// The quotas as template text; `blank_lines`: a line also for each kind without any.
std::string limits_text(const XmlNode& object, bool blank_lines) {
  std::string text;
  for (const char* kind : kinds) {
    const std::string part = template_text(object.child(fmt::format("{}_QUOTA", kind)));
    if (!part.empty() || blank_lines) text += part + "\n";
  }
  return text;
}

std::string quota_text(const XmlNode& object) { return quota_help + limits_text(object, false); }

XmlNode no_document() { return {}; }

}  // namespace

Status print_quotas(Run& run, const XmlNode& object, const char* defaults_name) {
  const XmlNode defaults = object.child(defaults_name);
  const XmlNode machine_defaults = quota_of(defaults, "VM", "");
  Page page(run);
  // Only what an administrator configured in addition is asked for; without the right to ask it is
  // left out.
  (void)run.call("system.config", {});
  std::vector<XmlNode> quotas = object.child("VM_QUOTA").children("VM");
  if (quotas.empty() && object.get("ID") != "0") quotas.push_back(no_document());
  print_machines_quotas(page, quotas, machine_defaults);
  const Rows datastores = resource_rows(object, defaults, kinds[0]);
  print_block(page, "DATASTORE USAGE & QUOTAS", {{"ID", 12}, {"IMAGES", 20}, {"SIZE", 19}},
              datastores);
  if (!datastores.empty()) page.blank();
  const Rows networks = resource_rows(object, defaults, kinds[2]);
  print_block(page, "NETWORK USAGE & QUOTAS", {{"ID", 12}, {"LEASES", 20}}, networks);
  if (!networks.empty()) page.blank();
  print_block(page, "IMAGE USAGE & QUOTAS", {{"ID", 12}, {"RUNNING VMS", 20}},
              resource_rows(object, defaults, kinds[3]));
  return ok();
}

Result<int> quota_command(Run& run) {
  const int id = run.id(0);
  TextSource source{1, false, [&]() -> Result<std::string> {
                      NUBO_TRY(const XmlDocument document, object_document(run, id));
                      return quota_text(document.root());
                    }};
  const Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  NUBO_CHECK(run.call("quota", {id, *text}));
  run.done(id, "modified");
  return 0;
}

Result<int> batch_quota_command(Run& run) {
  TextSource source{1, false, [] { return Result<std::string>(quota_help); }};
  const Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  // Each keeps the limits that the text does not name.
  return run.for_each([&](int id) -> Status {
    NUBO_TRY(const XmlDocument document, object_document(run, id));
    NUBO_CHECK(run.call("quota", {id, limits_text(document.root(), true) + *text}));
    run.done(id, "modified");
    return ok();
  });
}

Result<int> default_quota_command(Run& run) {
  const std::string method = run.tool.pool == std::string_view("user") ? "userquota" : "groupquota";
  TextSource source{0, false, {}};
  source.current = [&]() -> Result<std::string> {
    NUBO_TRY(const XmlDocument document, run.call_for_document(method + ".info", {}));
    return quota_text(document.root());
  };
  const Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  NUBO_CHECK(run.call(method + ".update", {*text}));
  return 0;
}

namespace {

struct PoolQuota {
  XmlNode own;
  XmlNode defaults;
  bool known = false;
};

PoolQuota pool_quota(const Row& row) {
  PoolQuota found;
  const std::string id = row.node.get("ID");
  for (const char* name : {"DEFAULT_USER_QUOTAS", "DEFAULT_GROUP_QUOTAS"}) {
    if (const XmlNode defaults = row.listing.pool().child(name))
      found.defaults = quota_of(defaults, "VM", "");
  }
  found.own = quota_of(row.listing.quotas(id), "VM", "");
  found.known = id != "0";
  return found;
}

}  // namespace

std::string quota_vms_value(const Row& row) {
  const PoolQuota quota = pool_quota(row);
  return quota.known ? Cell(quota.own, quota.defaults).count("VMS", 3) : "-";
}

std::string quota_memory_value(const Row& row) {
  const PoolQuota quota = pool_quota(row);
  return quota.known ? Cell(quota.own, quota.defaults).size("MEMORY", 6, 6) : "-";
}

std::string quota_cpu_value(const Row& row) {
  const PoolQuota quota = pool_quota(row);
  if (!quota.known) return "-";
  const Cell cell(quota.own, quota.defaults);
  const double limit = cell.limit("CPU");
  if (limit >= 0) return fmt::format("{:3.1f} / {:3.1f}", cell.used("CPU"), limit);
  const bool user = row.listing.run().tool.pool == std::string_view("user");
  return fmt::format("{:3.1f} / {:>{}}", cell.used("CPU"), "-", user ? 3 : 4);
}

std::string quota_pci_value(const Row& row) {
  const PoolQuota quota = pool_quota(row);
  return quota.known ? Cell(quota.own, quota.defaults).count("PCI_DEV", 3) : "-";
}

}  // namespace nubo::cli
