// SPDX-License-Identifier: Apache-2.0
// Whose image or network a DISK or NIC names: <WHAT>_UID, else the user of <WHAT>_UNAME, else the
// VM's owner (sheet vm-lifecycle.md §5.4).
#pragma once

#include <optional>
#include <string>

#include "model/snapshot.h"

namespace nubo {

/// Nothing when <WHAT>_UNAME names nobody.
inline std::optional<UserId> named_owner(const Snapshot& state, const Vector& device,
                                         const std::string& what, UserId otherwise) {
  if (const auto uid = device.number<int>(what + "_UID")) return UserId{*uid};
  const std::string& name = device.get(what + "_UNAME");
  if (name.empty()) return otherwise;
  const auto uid = state.names().find(ObjectType::user, -1, name);
  return uid ? std::optional(UserId{*uid}) : std::nullopt;
}

}  // namespace nubo
