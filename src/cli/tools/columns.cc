// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/columns.h"

#include <fmt/format.h>

#include <cmath>

#include "cli/values.h"

namespace nubo::cli {

std::string id_value(const Row& row) { return row.node.get("ID"); }

std::string name_value(const Row& row) { return row.node.get("NAME"); }

std::string user_value(const Row& row) {
  return row.node.get(row.listing.numeric() ? "UID" : "UNAME");
}

std::string group_value(const Row& row) {
  return row.node.get(row.listing.numeric() ? "GID" : "GNAME");
}

std::string regtime_value(const Row& row) { return time_text(number(row.node, "REGTIME")); }

std::string clusters_value(const Row& row) {
  const std::string list = id_list(row.node.child("CLUSTERS"));
  return list.empty() ? "-" : list;
}

std::string updated_value(const Row& row) { return count_text(row.node.child("UPDATED_VMS")); }

std::string outdated_value(const Row& row) { return count_text(row.node.child("OUTDATED_VMS")); }

std::string error_value(const Row& row) { return count_text(row.node.child("ERROR_VMS")); }

std::string on_off_value(const Row& row) { return row.node.get("STATE") == "0" ? "on" : "off"; }

std::string avail_value(const Row& row) {
  const double total = decimal(row.node, "TOTAL_MB");
  if (total == 0) return "-";
  return fmt::format("{}%", std::lround(decimal(row.node, "FREE_MB") / total * 100));
}

std::string count_text(const XmlNode& element) { return std::to_string(ids(element).size()); }

void identity_lines(Page& page, const XmlNode& object, bool lock) {
  page.line("ID", object.get("ID"));
  page.line("NAME", object.get("NAME"));
  page.line("USER", object.get("UNAME"));
  page.line("GROUP", object.get("GNAME"));
  if (lock) page.line("LOCK", lock_text(object));
}

std::string outdated_ids(const XmlNode& object) {
  std::vector<std::string> all = ids(object.child("OUTDATED_VMS"));
  for (std::string& id : ids(object.child("UPDATING_VMS"))) all.push_back(std::move(id));
  return join(all, ",");
}

void machine_lines(Page& page, const XmlNode& object) {
  page.header("VIRTUAL MACHINES");
  page.line("UPDATED", id_list(object.child("UPDATED_VMS")));
  page.line("OUTDATED", outdated_ids(object));
  page.line("ERROR", id_list(object.child("ERROR_VMS")));
}

}  // namespace nubo::cli
