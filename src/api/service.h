// SPDX-License-Identifier: Apache-2.0
// The path of a call behind rpc/: row → authenticate → parameters → handler → reply.
#pragma once

#include "api/call.h"
#include "api/calls.h"
#include "api/context.h"

namespace nubo::api {

/// All calls of the table. The environment must outlive the service.
Service make_service(Environment& environment);

}  // namespace nubo::api
