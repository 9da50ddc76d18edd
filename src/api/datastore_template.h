// SPDX-License-Identifier: Apache-2.0
// What a datastore's template says of it, and what TM_MAD_CONF and DS_MAD_CONF add (sheet
// objects.md §3.3-3.4). Failures are Code::internal with the API's texts.
#pragma once

#include <string_view>

#include "api/settings.h"
#include "base/result.h"
#include "model/datastore.h"

namespace nubo::api {

/// A new datastore from its template: NAME, TYPE and drivers read, what the drivers' configuration
/// says filled in. Id, owner and clusters are the caller's to set.
Result<Datastore> datastore_from(Template given, const Settings& settings);

/// After an update: `changed` has its new template, `before` its old one. Elements follow the
/// template, and what may not be left out is put back.
Status settle_update(Datastore& changed, const Template& before, const Settings& settings);

/// `<DATASTORE_LOCATION>/<id>`
std::string base_path(const Settings& settings, DatastoreId id);

/// MB that can still be used (objects.md §3.6).
long long available_mb(const Datastore& datastore);
/// Whether space is checked before images are made.
bool checks_capacity(const Datastore& datastore, const Settings& settings);

}  // namespace nubo::api
