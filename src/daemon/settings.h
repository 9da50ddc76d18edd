// SPDX-License-Identifier: Apache-2.0
// What oned.conf means for the layers below: their settings, filled from its keys.
#pragma once

#include <string>

#include "auth/identity.h"
#include "base/result.h"
#include "daemon/locations.h"
#include "flow/flow.h"
#include "store/writer.h"
#include "text/template.h"

namespace nubo {

/// Code::internal names key and value. The placement rules ask `writer` who may use what.
Result<FlowSettings> flow_settings(const Template& config, const Locations& locations,
                                   const Writer& writer);

}  // namespace nubo
