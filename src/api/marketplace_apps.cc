// SPDX-License-Identifier: Apache-2.0
// one.marketapp.*, one.marketapppool.* (sheets api.md §7, objects.md §8.2). Apps that describe
// templates are complete; publishing an image needs a market driver, which comes later.
#include <array>

#include "api/federation.h"
#include "api/generic.h"
#include "api/market_conf.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

constexpr const char* images_later = "apps of templates; publishing images comes later";
// Elements and facts of the driver, never attributes.
constexpr std::array own_elements{"SOURCE", "SIZE", "MD5", "FORMAT", "REGTIME", "ORIGIN_ID"};

struct KindRow {
  std::string_view word;
  AppKind kind;
};

constexpr std::array kinds{KindRow{"", AppKind::image}, KindRow{"IMAGE", AppKind::image},
                           KindRow{"VMTEMPLATE", AppKind::vm_template},
                           KindRow{"SERVICE_TEMPLATE", AppKind::service_template}};

AppKind kind_named(const std::string& word) {
  const auto row = std::ranges::find(kinds, upper_case(word), &KindRow::word);
  return row == kinds.end() ? AppKind::unknown : row->kind;
}

void mirror_elements(MarketplaceApp& app) {
  app.description = app.attributes.get("DESCRIPTION");
  app.version = app.attributes.get("VERSION");
  app.app_template64 = app.attributes.get("APPTEMPLATE64");
}

Result<MarketplaceAppId> make(Draft& draft, const Context& call, const Marketplace& market,
                              Template given) {
  MarketplaceApp made;
  const std::string name = given.get("NAME");
  NUBO_CHECK(check_name(name));
  const auto origin = given.number<int>("ORIGIN_ID");
  if (!origin) return fail(Code::internal, "Missing ORIGIN_ID for the MARKETPLACEAPP");
  static_cast<Owned&>(made) = owned_by_caller(call, name);
  made.origin_id = *origin;
  made.kind = kind_named(given.get("TYPE"));
  made.registration_time = draft.now();
  made.marketplace_id = market.id;
  made.marketplace = market.name;
  made.state = AppState::ready;
  given.erase("NAME");
  for (const char* element : own_elements) given.erase(element);
  given.drop_empty_vectors();
  made.attributes = std::move(given);
  mirror_elements(made);
  if (made.version.empty()) made.version = "0.0";
  return draft.insert(std::move(made));
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  const MarketplaceId market_id{call.args.integer(1)};
  const auto market = draft.view().find<Marketplace>(market_id);
  if (!market) {
    return fail(Code::internal, "Cannot find associated MARKETPLACE ID = {}", market_id);
  }
  NUBO_CHECK(
      authorize(draft.view(), call, {{Right::create, new_object(ObjectType::marketplace_app)}}));
  if (!supports(call.settings(), *market, "create")) {
    return fail(Code::action, "Create disabled for market: {}", market->name);
  }
  const auto id = make(draft, call, *market, std::move(given));
  if (!id) return allocate_failure(ObjectType::marketplace_app, id.error());
  const MarketplaceApp& app = *draft.find<MarketplaceApp>(*id);
  if (app.kind == AppKind::image || app.kind == AppKind::unknown) {
    NUBO_TRY(const auto image, draft.view().get<Image>(ImageId{app.origin_id}));
    return fail(Code::action, "Image {} cannot be published: there is no driver for marketplace {}",
                image->id, market->name);
  }
  (*draft.edit<Marketplace>(market_id))->apps.insert(*id);
  return Value(id->value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto app,
           permitted<MarketplaceApp>(draft.view(), call, call.args.integer(0), Right::manage));
  const auto market = draft.edit<Marketplace>(app->marketplace_id);
  if (market && !supports(call.settings(), **market, "delete")) {
    return fail(Code::action, "Delete disabled for market: {}", (*market)->name);
  }
  if (market) (*market)->apps.erase(app->id);
  erase_object<MarketplaceApp>(draft, app->id);
  return Value(app->id.value);
}

Status after_update(Draft&, const Context&, MarketplaceApp& app, const Template&) {
  for (const char* element : own_elements) app.attributes.erase(element);
  mirror_elements(app);
  return ok();
}

Result<Value> change_owner(Draft& draft, const Context& call) {
  NUBO_TRY(const auto app,
           draft.view().get<MarketplaceApp>(MarketplaceAppId{call.args.integer(0)}));
  const auto market = draft.view().find<Marketplace>(app->marketplace_id);
  if (market && is_public(call.settings(), *market)) {
    return fail(Code::action, "The owner of an app of public marketplace {} cannot be changed",
                market->name);
  }
  return chown<MarketplaceApp>(draft, call);
}

Result<Value> enable(Draft& draft, const Context& call) {
  NUBO_TRY(const auto app,
           permitted<MarketplaceApp>(draft.view(), call, call.args.integer(0), Right::manage));
  const AppState from = call.args.flag(1) ? AppState::disabled : AppState::ready;
  const AppState to = call.args.flag(1) ? AppState::ready : AppState::disabled;
  if (app->state == from) (*draft.edit<MarketplaceApp>(app->id))->state = to;
  return Value(app->id.value);
}

}  // namespace

std::vector<Call> marketplace_app_calls() {
  using A = MarketplaceApp;
  constexpr auto internal = federation_call<ObjectType::marketplace_app>;
  const Parameter an_app{"app", Type::integer};
  const Parameter xml{"xml", Type::text};
  return {
      {"one.marketapp.allocate", {a_template, {"market", Type::integer}}, allocate, images_later},
      {"one.marketapp.delete", {an_id}, remove},
      {"one.marketapp.info", {an_id, a_decrypt_flag}, info<A>},
      {"one.marketapp.update", {an_id, a_template, an_update_type}, update<A, after_update>},
      {"one.marketapp.rename", {an_id, a_name}, rename<A>},
      {"one.marketapp.chown", chown_parameters(), change_owner},
      {"one.marketapp.chmod", chmod_parameters(), chmod<A>},
      {"one.marketapp.lock", lock_parameters(), lock<A>},
      {"one.marketapp.unlock", {an_id}, unlock<A>},
      {"one.marketapp.enable", {an_id, {"enable", Type::flag}}, enable},
      {"one.marketapp.allocatedb", {{"unused", Type::text}, xml}, internal, federation_later},
      {"one.marketapp.updatedb", {an_app, xml}, internal, federation_later},
      {"one.marketapp.dropdb", {an_app}, internal, federation_later},
      {"one.marketapppool.info", pool_parameters(), pool_info<A>},
  };
}

}  // namespace nubo::api
