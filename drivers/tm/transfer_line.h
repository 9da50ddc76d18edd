// SPDX-License-Identifier: Apache-2.0
// A transfer line as a value (sheet drivers.md §3.2): `VERB[.SYSTEM] TM_NAME ARG …`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ssh/nodes.h"

namespace nubo::tm {

struct TransferLine {
  std::string verb;    // CLONE, MV …, without the suffix
  std::string system;  // the suffix: the system transfer manager that the disk's works with, or ""
  std::string tm;      // as written
  std::vector<std::string> args;

  /// Argument of that index from the front, or from the back for negative ones.
  const std::string& arg(int index) const;

  /// What an operator recognises the line by.
  std::string name() const;
};

/// Lines that are blank or start with # are skipped. Code::internal for one that is no line, or
/// has fewer arguments than its verb needs.
Result<std::vector<TransferLine>> parse_lines(std::string_view text);

/// "host:/path" with the path made clean of doubled slashes. Code::internal when the path is not
/// absolute or climbs ("..").
Result<ssh::Place> parse_place(std::string_view text);

/// The same for a place that is to be written or removed: below the directory of that VM in a
/// system datastore (…/<datastore>/<vm>), so that a wrong line cannot reach anything else.
Result<ssh::Place> parse_vm_place(std::string_view text, std::string_view vm);

/// Whether the last component is disk.<number>, and that number, or -1.
int disk_id_of(std::string_view path);

/// …/datastores/<id> of a path …/datastores/<system ds>/<vm>/… : where the nodes of a VM see the
/// datastore of that image, which may be mounted elsewhere than on the front-end.
std::string on_root_of(const std::string& vm_path, const std::string& image_path);

}  // namespace nubo::tm
