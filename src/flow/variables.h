// SPDX-License-Identifier: Apache-2.0
// Variables in the values of a VM template: $NAME, $VECTOR[KEY], $VECTOR[KEY, SEL="value"], with
// NETWORK, IMAGE and USER standing for what the VM uses and $FILE[…] for files of a file datastore
// (sheet vm-lifecycle.md §5.9). Functions of a snapshot; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/snapshot.h"

namespace nubo {

/// The text with each variable replaced by its value, "" for attributes that are not there. A "$"
/// in front of anything but a name stays, and "\$" stays as it is. Code::internal "Error parsing:
/// <text>. <why>".
Result<std::string> substitute_variables(std::string_view text, const Vm& vm,
                                         const Snapshot& world);

/// The images that the $FILE[…] of a text name, in order; what stands between them does not count.
/// Code::internal as above, also for an image that is not ready, of another type, or that the VM's
/// owner may not use.
Result<std::vector<Ptr<Image>>> named_files(std::string_view text, ImageType type, const Vm& vm,
                                            const Snapshot& world);

}  // namespace nubo
