// SPDX-License-Identifier: Apache-2.0
// Who calls and where to (sheet cli.md §1.4).
#pragma once

#include "cli/shell.h"

namespace nubo::cli {

/// A Caller over a connection of its own. What the account leaves out is looked up in the
/// environment and in ~/.one. Code::authentication when there are no credentials.
Result<Caller> connect(const Account& account);

}  // namespace nubo::cli
