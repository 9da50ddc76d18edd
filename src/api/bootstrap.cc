// SPDX-License-Identifier: Apache-2.0
#include "api/bootstrap.h"

#include "api/acl_rules.h"
#include "api/datastore_template.h"
#include "api/members.h"
#include "auth/digest.h"
#include "model/names.h"

namespace nubo::api {
namespace {

constexpr int last_system_id = 99;
constexpr const char* admin_group_name = "oneadmin";
constexpr const char* server_user_name = "serveradmin";

Owned owned_by_admin(const FirstUsers& users, const std::string& name, unsigned mode) {
  Owned owned;
  owned.uid = oneadmin_user;
  owned.gid = oneadmin_group;
  owned.uname = users.admin_name;
  owned.gname = admin_group_name;
  owned.name = name;
  owned.permissions = Permissions::from_mode(mode);
  return owned;
}

Status make_rules(Draft& draft) {
  using enum ObjectType;
  constexpr auto use = static_cast<unsigned>(Right::use);
  constexpr auto create = static_cast<unsigned>(Right::create);
  return add_rules(
      draft, {make_rule(acl_group | static_cast<unsigned>(users_group.value),
                        {vm, image, vm_template, document, security_group, vm_group, backup_job},
                        acl_all, create, acl_all),
              make_rule(acl_all, {zone}, acl_all, use, acl_all),
              make_rule(acl_all, {marketplace, marketplace_app}, acl_all, use, acl_all)});
}

Status make_groups(Draft& draft) {
  Group admins;
  admins.name = admin_group_name;
  NUBO_CHECK(draft.insert(std::move(admins)));
  Group users;
  users.name = "users";
  users.attributes.set("SUNSTONE", Vector{{"DEFAULT_VIEW", "cloud"},
                                          {"GROUP_ADMIN_DEFAULT_VIEW", "groupadmin"},
                                          {"GROUP_ADMIN_VIEWS", "groupadmin,cloud"},
                                          {"VIEWS", "cloud"}});
  NUBO_CHECK(draft.insert(std::move(users)));
  draft.reserve_ids<Group>(last_system_id);
  return ok();
}

Status make_user(Draft& draft, const std::string& name, const std::string& password,
                 const std::string& driver) {
  User user;
  user.name = name;
  user.gid = oneadmin_group;
  user.gname = admin_group_name;
  user.auth_driver = driver;
  user.password = sha256_hex(password);
  user.attributes.set("TOKEN_PASSWORD", random_secret());
  NUBO_TRY(const UserId id, draft.insert(std::move(user)));
  return join_group(draft, id, oneadmin_group);
}

Status make_users(Draft& draft, const FirstUsers& users) {
  NUBO_CHECK(check_name(users.admin_name, " "));
  if (users.admin_name == server_user_name) {
    return fail(Code::internal, "the first user cannot be named {}", server_user_name);
  }
  if (users.admin_password.empty()) return fail(Code::internal, "the first user has no password");
  NUBO_CHECK(make_user(draft, users.admin_name, users.admin_password, "core"));
  return make_user(draft, server_user_name, users.server_secret, "server_cipher");
}

Status make_cluster(Draft& draft) {
  Cluster cluster;
  cluster.name = "default";
  cluster.attributes.set("RESERVED_CPU", "");
  cluster.attributes.set("RESERVED_MEM", "");
  NUBO_CHECK(draft.insert(std::move(cluster)));
  draft.reserve_ids<Cluster>(last_system_id);
  return ok();
}

Status make_datastores(Draft& draft, const FirstUsers& users, const Settings& settings) {
  constexpr unsigned mode = 0640;
  constexpr ClusterId default_cluster{0};
  for (const char* text : {"NAME=system\nTYPE=SYSTEM_DS\nTM_MAD=local",
                           "NAME=default\nTYPE=IMAGE_DS\nDS_MAD=fs\nTM_MAD=local",
                           "NAME=files\nTYPE=FILE_DS\nDS_MAD=fs\nTM_MAD=local"}) {
    NUBO_TRY(Template given, parse_template(text));
    NUBO_TRY(Datastore datastore, datastore_from(std::move(given), settings));
    static_cast<Owned&>(datastore) = owned_by_admin(users, datastore.name, mode);
    datastore.clusters.insert(default_cluster);
    NUBO_TRY(const DatastoreId id, draft.insert(std::move(datastore)));
    (*draft.edit<Datastore>(id))->base_path = base_path(settings, id);
    (*draft.edit<Cluster>(default_cluster))->datastores.insert(id);
  }
  draft.reserve_ids<Datastore>(last_system_id);
  return ok();
}

Status make_zone(Draft& draft, const Settings& settings) {
  Zone zone;
  zone.name = "OpenNebula";
  const std::string& port = settings.config.get("PORT");
  zone.attributes.set("ENDPOINT",
                      fmt::format("http://localhost:{}/RPC2", port.empty() ? "2633" : port));
  zone.attributes.set("ENDPOINT_GRPC", "");  // there is none
  NUBO_CHECK(draft.insert(std::move(zone)));
  draft.reserve_ids<Zone>(last_system_id);
  return ok();
}

Status make_vdc(Draft& draft, const Settings& settings) {
  Vdc vdc;
  vdc.name = "default";
  vdc.attributes.set(
      "DESCRIPTION",
      "Every new group is added to this VDC. Use it to store default access rules for "
      "your groups. NOTE: You may need to remove a group from the default VDC before "
      "assigning it to other VDC.");
  vdc.groups.insert(users_group);
  vdc.clusters.list.push_back({ZoneId{0}, ClusterId{vdc_all_resources}});
  NUBO_CHECK(add_rules(draft, vdc_rules(vdc, users_group, vdc_rights(settings.config))));
  NUBO_CHECK(draft.insert(std::move(vdc)));
  draft.reserve_ids<Vdc>(last_system_id);
  return ok();
}

Status make_security_group(Draft& draft, const FirstUsers& users) {
  constexpr unsigned mode = 0744;
  SecurityGroup group;
  static_cast<Owned&>(group) = owned_by_admin(users, "default", mode);
  group.attributes.set(
      "DESCRIPTION",
      "The default security group is added to every network. Use it to add default "
      "filter rules for your networks. You may remove this security group from any "
      "network by updating its properties.");
  for (const char* type : {"OUTBOUND", "INBOUND"}) {
    group.attributes.add("RULE", Vector{{"PROTOCOL", "ALL"}, {"RULE_TYPE", type}});
  }
  NUBO_CHECK(draft.insert(std::move(group)));
  draft.reserve_ids<SecurityGroup>(last_system_id);
  return ok();
}

Status make_marketplaces(Draft& draft, const FirstUsers& users) {
  constexpr unsigned mode = 0744;

  struct First {
    const char* name;
    const char* driver;
    MarketplaceState state;
    const char* description;
  };

  for (const First& first : {First{"OpenNebula Public", "one", MarketplaceState::enabled,
                                   "The public marketplace of the OpenNebula project."},
                             First{"Linux Containers", "linuxcontainers",
                                   MarketplaceState::disabled, "Images of linuxcontainers.org."}}) {
    Marketplace market;
    static_cast<Owned&>(market) = owned_by_admin(users, first.name, mode);
    market.market_mad = first.driver;
    market.state = first.state;
    market.attributes.set("DESCRIPTION", first.description);
    market.attributes.set("MARKET_MAD", first.driver);
    NUBO_CHECK(draft.insert(std::move(market)));
  }
  draft.reserve_ids<Marketplace>(last_system_id);
  return ok();
}

}  // namespace

bool needs_bootstrap(const Snapshot& snapshot) { return snapshot.pool<User>().empty(); }

Change bootstrap(FirstUsers users, const Settings& settings) {
  return {"bootstrap", [users = std::move(users), settings](Draft& draft) -> Status {
            NUBO_CHECK(make_rules(draft));
            NUBO_CHECK(make_cluster(draft));
            NUBO_CHECK(make_groups(draft));
            NUBO_CHECK(make_users(draft, users));
            NUBO_CHECK(make_datastores(draft, users, settings));
            NUBO_CHECK(make_zone(draft, settings));
            NUBO_CHECK(make_vdc(draft, settings));
            NUBO_CHECK(make_security_group(draft, users));
            return make_marketplaces(draft, users);
          }};
}

}  // namespace nubo::api
