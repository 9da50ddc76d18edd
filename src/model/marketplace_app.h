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

  template <class S = MarketplaceApp>
  static constexpr auto fields() {
    return std::tuple{Field{"ID", &S::id},
                      Field{"UID", &S::uid},
                      Field{"GID", &S::gid},
                      Field{"UNAME", &S::uname},
                      Field{"GNAME", &S::gname},
                      Field{"LOCK", &S::lock},
                      Field{"REGTIME", &S::registration_time},
                      Field{"NAME", &S::name},
                      Field{"ZONE_ID", &S::zone_id, cdata},
                      Field{"ORIGIN_ID", &S::origin_id, cdata},
                      Field{"SOURCE", &S::source, cdata},
                      Field{"MD5", &S::md5, cdata},
                      Field{"SIZE", &S::size_mb},
                      Field{"DESCRIPTION", &S::description, cdata},
                      Field{"VERSION", &S::version, cdata},
                      Field{"FORMAT", &S::format, cdata},
                      Field{"APPTEMPLATE64", &S::app_template64, cdata},
                      Field{"MARKETPLACE_ID", &S::marketplace_id},
                      Field{"MARKETPLACE", &S::marketplace},
                      Field{"STATE", &S::state},
                      Field{"TYPE", &S::kind},
                      Field{"PERMISSIONS", &S::permissions},
                      Field{"TEMPLATE", &S::attributes}};
  }
};

}  // namespace nubo
