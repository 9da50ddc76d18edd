// SPDX-License-Identifier: Apache-2.0
#include "datastore/datastores.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "datastore/documents.h"
#include "datastore/external.h"
#include "datastore/store.h"
#include "ssh/front_end.h"

namespace nubo::datastore {

namespace {

using driver::Values;

struct Action {
  std::string_view name;
  Result<Values> (Store::*built_in)();
};

constexpr std::array action_rows{
    Action{"cp", &Store::copy},   Action{"mkfs", &Store::make}, Action{"clone", &Store::clone},
    Action{"rm", &Store::remove}, Action{"stat", &Store::stat}, Action{"monitor", &Store::monitor}};

std::string value(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? "" : found->second;
}

bool is_built_in(const DatastoreFacts& datastore) {
  constexpr std::array<std::string_view, 4> transfers{"shared", "qcow2", "ssh", "local"};
  return datastore.is_system() ? std::ranges::find(transfers, datastore.tm_mad) != transfers.end()
                               : datastore.ds_mad == "fs";
}

}  // namespace

const std::vector<std::string>& Datastores::actions() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const Action& row : action_rows) all.emplace_back(row.name);
    return all;
  }();
  return names;
}

Status Datastores::configure(const Values& settings) {
  NUBO_TRY(ssh::Settings ssh_settings, ssh::settings_from(settings));
  nodes_ = std::make_unique<ssh::Nodes>(std::move(ssh_settings));
  const ssh::FrontEndLocations locations = ssh::front_end_locations();
  const std::string remotes = value(settings, "REMOTES");
  remotes_ = remotes.empty() ? locations.var + "/remotes" : remotes;
  always_restricted_ = {locations.var, locations.etc, locations.home};
  std::istringstream legacy(value(settings, "LEGACY_ARGS"));
  for (std::string name; legacy >> name;) legacy_.insert(name);
  return ok();
}

Result<Values> Datastores::run(const driver::Request& request, driver::Context& context) {
  const auto row = std::ranges::find(action_rows, request.action, &Action::name);
  if (row == action_rows.end()) return fail(Code::internal, "no action {}", request.action);
  NUBO_TRY(DatastoreFacts datastore, DatastoreFacts::parse(value(request.args, "datastore")));
  if (!is_built_in(datastore))
    return External({remotes_, legacy_, context}).run(request, datastore);
  const std::string image_document = value(request.args, "image");
  ImageFacts image{.id = request.object.id};
  if (!image_document.empty()) {
    NUBO_TRY(image, ImageFacts::parse(image_document));
  }
  Store store({*nodes_, context, always_restricted_}, std::move(datastore), std::move(image));
  return (store.*row->built_in)();
}

}  // namespace nubo::datastore
