// SPDX-License-Identifier: Apache-2.0
#include "daemon/state.h"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/fd.h"
#include "base/log.h"
#include "daemon/config.h"
#include "daemon/credentials.h"

namespace nubo {
namespace {

/// The database holds passwords' hashes; SQLite gives its other files the same bits.
Status create_private(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file) return ok();
  return fail(Code::internal, "cannot open {}: {}", path, std::generic_category().message(errno));
}

Status fill_if_empty(Writer& writer, const Template& config, const Locations& locations) {
  if (!api::needs_bootstrap(*writer.snapshot())) return ok();
  NUBO_TRY(api::FirstUsers users, read_credentials(locations));
  NUBO_CHECK(write_server_credentials(locations, users.server_secret));
  log_info("oned", "first start: the administrator is {}", users.admin_name);
  return writer.apply_now(api::bootstrap(std::move(users), api::settings_of(config)));
}

}  // namespace

Result<State> open_state(const Template& config, const Locations& locations, const Clock& clock,
                         const Metrics& metrics) {
  NUBO_TRY(const std::string path, database_of(config));
  std::error_code error;
  const auto folder = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Code::internal, "cannot make {}: {}", folder.string(), error.message());
  const std::string monitoring_path = path + "-monitoring";
  NUBO_CHECK(create_private(path));
  NUBO_CHECK(create_private(monitoring_path));
  NUBO_TRY(auto sqlite, open_sqlite(path));
  auto database = metrics.measured(std::move(sqlite));
  NUBO_TRY(auto monitoring, MonitoringLog::open(monitoring_path));
  NUBO_TRY(auto writer,
           Writer::load(*database, clock, QuotaMetrics(api::listed(config, "QUOTA_VM_ATTRIBUTE"))));
  NUBO_CHECK(fill_if_empty(*writer, config, locations));
  // What QUOTA_VM_ATTRIBUTE names may have changed since the last run.
  NUBO_CHECK(writer->apply_now(Change("quotas.recount", [](Draft& draft) -> Status {
    draft.recount_quotas();
    return ok();
  })));
  return State{std::move(database), std::move(monitoring), std::move(writer)};
}

}  // namespace nubo
