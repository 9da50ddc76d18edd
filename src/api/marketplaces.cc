// SPDX-License-Identifier: Apache-2.0
// one.market.*, one.marketpool.* (sheets api.md §7, objects.md §8.1).
#include "api/federation.h"
#include "api/generic.h"
#include "api/market_conf.h"
#include "base/lists.h"

namespace nubo::api {
namespace {

/// The driver of the template is configured and has all that it needs; the market's element
/// follows.
Status settle_driver(Marketplace& market, const Settings& settings) {
  const std::string& driver = market.attributes.get("MARKET_MAD");
  if (driver.empty()) return fail(Code::internal, "No MARKET_MAD in template.");
  const Vector* conf = market_conf(settings, driver);
  if (!conf) {
    return fail(Code::internal, "MARKET_MAD_CONF named \"{}\" is not defined in oned.conf", driver);
  }
  for (const std::string_view name : split(conf->get("REQUIRED_ATTRS"))) {
    if (market.attributes.get(name).empty()) {
      return fail(Code::internal,
                  "MarketPlace template is missing the \"{}\" attribute or it's empty.", name);
    }
  }
  market.market_mad = driver;
  return ok();
}

Result<MarketplaceId> make(Draft& draft, const Context& call, Template given) {
  const std::string name = given.get("NAME");
  NUBO_CHECK(check_name(name));
  Marketplace made;
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  if (given.get("STATE") == "DISABLED") made.state = MarketplaceState::disabled;
  given.erase("NAME");
  given.erase("STATE");
  given.drop_empty_vectors();
  made.attributes = std::move(given);
  NUBO_CHECK(settle_driver(made, call.settings()));
  return draft.insert(std::move(made));
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::marketplace)}}));
  const auto id = make(draft, call, std::move(given));
  if (!id) return allocate_failure(ObjectType::marketplace, id.error());
  return Value(id->value);
}

void drop_apps(Draft& draft, const Marketplace& market) {
  for (const MarketplaceAppId app : market.apps) erase_object<MarketplaceApp>(draft, app);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto market,
           permitted<Marketplace>(draft.view(), call, call.args.integer(0), Right::manage));
  if (!market->apps.empty() && !is_public(call.settings(), *market)) {
    return cannot_delete<Marketplace>(fmt::format(
        "Marketplace {} is not empty, it contains {} apps.", market->id, market->apps.size()));
  }
  drop_apps(draft, *market);
  erase_object<Marketplace>(draft, market->id);
  return Value(market->id.value);
}

Status after_update(Draft&, const Context& call, Marketplace& market, const Template& before) {
  if (market.attributes.contains("MARKET_MAD")) return settle_driver(market, call.settings());
  market.attributes.set("MARKET_MAD", before.get("MARKET_MAD"));
  return ok();
}

void after_rename(Draft& draft, const Marketplace& market) {
  for (const MarketplaceAppId app : market.apps) {
    if (const auto changed = draft.edit<MarketplaceApp>(app)) (*changed)->marketplace = market.name;
  }
}

Result<Value> enable(Draft& draft, const Context& call) {
  NUBO_TRY(const auto market,
           permitted<Marketplace>(draft.view(), call, call.args.integer(0), Right::manage));
  NUBO_TRY(Marketplace * changed, draft.edit<Marketplace>(market->id));
  changed->state = call.args.flag(1) ? MarketplaceState::enabled : MarketplaceState::disabled;
  if (!call.args.flag(1)) {
    drop_apps(draft, *market);
    changed->apps.clear();
  }
  return Value(market->id.value);
}

}  // namespace

const Vector* market_conf(const Settings& settings, std::string_view driver) {
  return settings.entry("MARKET_MAD_CONF", driver);
}

bool is_public(const Settings& settings, const Marketplace& market) {
  const Vector* conf = market_conf(settings, market.market_mad);
  return conf && conf->yes("PUBLIC");
}

bool supports(const Settings& settings, const Marketplace& market, std::string_view action) {
  const Vector* conf = market_conf(settings, market.market_mad);
  return conf && conf->get("APP_ACTIONS").find(action) != std::string::npos;
}

std::vector<Call> marketplace_calls() {
  using M = Marketplace;
  const char* fetching = "marketplaces are kept; fetching their apps comes later";
  return {
      {"one.market.allocate", {a_template}, allocate, fetching},
      {"one.market.delete", {an_id}, remove},
      {"one.market.info", {an_id, a_decrypt_flag}, info<M>},
      {"one.market.update", {an_id, a_template, an_update_type}, update<M, after_update>},
      {"one.market.rename", {an_id, a_name}, rename<M, after_rename>},
      {"one.market.chown", chown_parameters(), chown<M>},
      {"one.market.chmod", chmod_parameters(), chmod<M>},
      {"one.market.enable", {an_id, {"enable", Type::flag}}, enable, fetching},
      {"one.market.allocatedb",
       {{"unused", Type::text}, {"xml", Type::text}},
       federation_call<ObjectType::marketplace>,
       federation_later},
      {"one.market.updatedb",
       {{"market", Type::integer}, {"xml", Type::text}},
       federation_call<ObjectType::marketplace>,
       federation_later},
      {"one.marketpool.info", {}, whole_pool<M>},
  };
}

}  // namespace nubo::api
