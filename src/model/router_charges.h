// SPDX-License-Identifier: Apache-2.0
// What a virtual router costs (charges.h): apart, since only the charging itself has to know it.
#pragma once

#include "model/charges.h"
#include "model/virtual_router.h"

namespace nubo {

/// The addresses of its floating NICs; those of its VMs are theirs.
Bill bill_of(const VirtualRouter& router, const QuotaMetrics& metrics);

}  // namespace nubo
