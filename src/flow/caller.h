// SPDX-License-Identifier: Apache-2.0
// Caller: who asked for a change of a VM, as history records keep it; -1 for the daemon itself.
#pragma once

#include "base/ids.h"

namespace nubo {

struct Caller {
  UserId uid;
  GroupId gid;
  int request_id = -1;
};

}  // namespace nubo
