// SPDX-License-Identifier: Apache-2.0
#include "store/purge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "store/sqlite.h"

namespace nubo {
namespace {

using sqlite::Connection;
using sqlite::Statement;

// As long again as the page took, and at least this, the database is left to others.
constexpr std::chrono::milliseconds least_pause{5};

Result<bool> has_archive(Connection& connection) {
  NUBO_TRY(Statement tables,
           connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'vm_done'"));
  return tables.step();
}

struct Page {
  long long vms = 0;
  long long last = -1;
};

/// Deletes the next VMs behind that id.
Result<Page> purge_page(Statement& erase, long long last) {
  Page page{.last = last};
  erase.bind(4, last);
  while (true) {
    NUBO_TRY(const bool more, erase.step());
    if (!more) return page;
    ++page.vms;
    page.last = std::max(page.last, erase.integer(0));
  }
}

Result<long long> purge(const std::string& path, const PurgeQuery& query,
                        const std::function<void(long long)>& progress) {
  if (::access(path.c_str(), R_OK | W_OK) != 0) {
    return fail(Code::internal, "it is not there, or not for this user");
  }
  // What is lost in a power cut is purged again.
  NUBO_TRY(Connection connection, Connection::open(path, "NORMAL"));
  NUBO_TRY(const bool is_current, has_archive(connection));
  if (!is_current) {
    return fail(Code::internal, "it has no table vm_done: start this version's oned on it first");
  }
  NUBO_TRY(Statement erase,
           connection.prepare(
               "DELETE FROM vm_done WHERE oid IN (SELECT oid FROM vm_done INDEXED BY vm_done_heads "
               "WHERE oid > ?4 AND etime BETWEEN ?1 AND ?2 ORDER BY oid LIMIT ?3) RETURNING oid"));
  erase.bind(1, static_cast<long long>(query.ended_from.count()));
  erase.bind(2, static_cast<long long>(query.ended_by.count()));
  erase.bind(3, static_cast<long long>(query.page));
  long long gone = 0;
  Page page;
  while (true) {
    const auto start = std::chrono::steady_clock::now();
    NUBO_TRY(page, purge_page(erase, page.last));
    if (page.vms == 0) return gone;
    gone += page.vms;
    progress(gone);
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    sqlite3_sleep(static_cast<int>(std::max(taken, least_pause).count()));
  }
}

}  // namespace

Result<long long> purge_done(const std::string& path, const PurgeQuery& query,
                             const std::function<void(long long)>& progress) {
  auto gone = purge(path, query, progress);
  if (!gone) return context(gone.error(), fmt::format("the database {}", path));
  return gone;
}

}  // namespace nubo
