// SPDX-License-Identifier: Apache-2.0
// Marketplace app: one appliance of a marketplace (sheets xml.md §3.4, objects.md §8.2).
#pragma once

#include <string>
#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

enum class AppState { init = 0, ready = 1, locked = 2, error = 3, disabled = 4 };

enum class AppKind { unknown = 0, image = 1, vm_template = 2, service_template = 3 };

struct MarketplaceApp : Owned {
  static constexpr ObjectType type = ObjectType::marketplace_app;
  static constexpr const char* root = "MARKETPLACEAPP";
  static constexpr const char* pool_root = "MARKETPLACEAPP_POOL";
  static constexpr const char* table = "marketplaceapp_pool";

  MarketplaceAppId id;
  EpochSeconds registration_time{};
  ZoneId zone_id{0};
  int origin_id = -1;  // the image or template that it was made from
  std::string source;
  std::string md5;
  long long size_mb = 0;
  std::string description;
  std::string version = "0.0";
  std::string format;
  std::string app_template64;
  MarketplaceId marketplace_id;
  std::string marketplace;
  AppState state = AppState::init;
  AppKind kind = AppKind::image;
  Template attributes;

  bool operator==(const MarketplaceApp&) const = default;

  static constexpr auto fields() {
    using A = MarketplaceApp;
    return std::tuple{Field{"ID", &A::id},
                      Field{"UID", &A::uid},
                      Field{"GID", &A::gid},
                      Field{"UNAME", &A::uname},
                      Field{"GNAME", &A::gname},
                      Field{"LOCK", &A::lock},
                      Field{"REGTIME", &A::registration_time},
                      Field{"NAME", &A::name},
                      Field{"ZONE_ID", &A::zone_id, cdata},
                      Field{"ORIGIN_ID", &A::origin_id, cdata},
                      Field{"SOURCE", &A::source, cdata},
                      Field{"MD5", &A::md5, cdata},
                      Field{"SIZE", &A::size_mb},
                      Field{"DESCRIPTION", &A::description, cdata},
                      Field{"VERSION", &A::version, cdata},
                      Field{"FORMAT", &A::format, cdata},
                      Field{"APPTEMPLATE64", &A::app_template64, cdata},
                      Field{"MARKETPLACE_ID", &A::marketplace_id},
                      Field{"MARKETPLACE", &A::marketplace},
                      Field{"STATE", &A::state},
                      Field{"TYPE", &A::kind},
                      Field{"PERMISSIONS", &A::permissions},
                      Field{"TEMPLATE", &A::attributes}};
  }
};

}  // namespace nubo
