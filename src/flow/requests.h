// SPDX-License-Identifier: Apache-2.0
// The requests that effects make of driver programs (docs/driver-protocol.md): the documents and
// paths that each action takes, from a snapshot. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "flow/operations.h"
#include "flow/settings.h"
#include "model/snapshot.h"
#include "nubo/driver/message.h"

namespace nubo {

struct DriverRequest {
  std::string driver;  // name of the program
  driver::Request request;
};

/// A step of an operation on a VM.
struct VmStep {
  const Vm& vm;
  VmOperation operation;
  StepKind kind;
  Where where;
  const driver::Values& learned;  // what the steps before have answered
};

/// What a step asks; nothing when there is nothing to do for this VM. Code::internal when
/// something needed is gone.
Result<std::optional<DriverRequest>> vm_request(const Snapshot& snapshot, const VmStep& asked,
                                                const VmSettings& settings);

/// What a datastore operation ("ds.cp" …) asks for an image.
Result<DriverRequest> image_request(const Snapshot& snapshot, const Effect& effect,
                                    const VmSettings& settings);

}  // namespace nubo
