// SPDX-License-Identifier: Apache-2.0
// What the values of single attributes of a VM's template must hold to (sheet vm-lifecycle.md
// §5.1). Pure.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "text/template.h"

namespace nubo {

/// MEMORY, CPU, VCPU, the costs, VIDEO …: Code::internal naming the attribute. Normalises the
/// words that are compared without case. `hypervisors` are the types that RAW may have.
Status check_attributes(Template& attributes, const std::set<std::string>& hypervisors);

/// RAW has a type of `hypervisors`, unless it is not to be validated. Code::internal.
Status check_raw(const Template& attributes, const std::set<std::string>& hypervisors);

}  // namespace nubo
