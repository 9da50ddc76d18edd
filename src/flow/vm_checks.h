// SPDX-License-Identifier: Apache-2.0
// What a VM's template must hold to: names and the values of single attributes (sheets
// vm-lifecycle.md §5.1, objects.md §0.3). Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "text/template.h"

namespace nubo {

/// Code::internal as api.md §3 words it: empty, too long, or the character that is not allowed.
Status check_name(std::string_view name);

/// MEMORY, CPU, VCPU, the costs, VIDEO …: Code::internal naming the attribute. Normalises the
/// words that are compared without case.
Status check_attributes(Template& attributes);

}  // namespace nubo
