// SPDX-License-Identifier: Apache-2.0
// What the configuration says of kinds of marketplaces (MARKET_MAD_CONF; sheet objects.md §8.1).
#pragma once

#include <string_view>

#include "api/settings.h"
#include "model/marketplace.h"

namespace nubo::api {

/// The entry of a driver, or nullptr.
const Vector* market_conf(const Settings& settings, std::string_view driver);
/// Whether the market's apps are other people's.
bool is_public(const Settings& settings, const Marketplace& market);
/// Whether apps can be created, deleted, monitored there.
bool supports(const Settings& settings, const Marketplace& market, std::string_view action);

}  // namespace nubo::api
