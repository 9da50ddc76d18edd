// SPDX-License-Identifier: Apache-2.0
#include "store/archive.h"

#include <fmt/format.h>

#include <utility>

#include "store/rows.h"
#include "store/sqlite.h"

namespace nubo {
namespace {

using sqlite::Connection;
using sqlite::Statement;

constexpr std::size_t most_idle = 4;
// A read that lasts keeps SQLite from starting its log anew, so a scan is many short ones.
constexpr std::size_t page_size = 500;

std::string page_sql(const ArchiveQuery& query) {
  return fmt::format(
      "SELECT oid, uid, gid, owner_u, group_u, other_u FROM vm_done INDEXED BY {} "
      "WHERE oid BETWEEN ?1 AND ?2{}{}{} ORDER BY oid{} LIMIT {}",
      query.owner ? "vm_done_owners" : "vm_done_heads", query.owner ? " AND uid = ?3" : "",
      query.started_before == EpochSeconds{} ? "" : " AND stime < ?4",
      query.ended_after == EpochSeconds{} ? "" : " AND etime > ?5",
      query.ascends ? "" : " DESC", page_size);
}

ArchivedVm head_of(const Statement& row) {
  ArchivedVm vm;
  vm.id = VmId{static_cast<int>(row.integer(0))};
  vm.uid = UserId{static_cast<int>(row.integer(1))};
  vm.gid = GroupId{static_cast<int>(row.integer(2))};
  vm.permissions.owner_u = row.integer(3) != 0;
  vm.permissions.group_u = row.integer(4) != 0;
  vm.permissions.other_u = row.integer(5) != 0;
  return vm;
}

}  // namespace

// A connection with its statements, for one read at a time.
class Archive::Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::string& path) {
    auto reader = std::make_unique<Reader>();
    NUBO_TRY(reader->connection_, Connection::open(path, "FULL"));
    NUBO_CHECK(reader->connection_.execute("PRAGMA query_only = ON"));
    NUBO_TRY(reader->body_, reader->connection_.prepare("SELECT body FROM vm_done WHERE oid = ?"));
    NUBO_TRY(reader->brief_,
             reader->connection_.prepare("SELECT short_body FROM vm_done WHERE oid = ?"));
    return reader;
  }

  Result<std::string> body(VmId id) { return text(body_, id); }

  Result<std::string> brief(VmId id) { return text(brief_, id); }

  Result<Statement> prepare(const std::string& sql) { return connection_.prepare(sql); }

 private:
  static Result<std::string> text(Statement& statement, VmId id) {
    statement.bind(1, static_cast<long long>(id.value));
    NUBO_TRY(const bool found, statement.step());
    std::string text(found ? statement.text(0) : "");
    statement.reset();
    return text;
  }

  Connection connection_;
  Statement body_, brief_;
};

// A reader that goes back to the idle ones.
class Archive::Borrowed {
 public:
  Borrowed(const Archive& archive, std::unique_ptr<Reader> reader)
      : archive_(&archive), reader_(std::move(reader)) {}

  Borrowed(Borrowed&&) noexcept = default;
  Borrowed& operator=(Borrowed&&) = delete;

  ~Borrowed() {
    if (!reader_) return;
    archive_->idle_.with([this](auto& idle) {
      if (idle.size() < most_idle) idle.push_back(std::move(reader_));
    });
  }

  Reader* operator->() const { return reader_.get(); }

 private:
  const Archive* archive_;
  std::unique_ptr<Reader> reader_;
};

Archive::Archive(std::string path) : path_(std::move(path)) {}

Archive::~Archive() = default;

Result<Archive::Borrowed> Archive::borrow() const {
  auto reader = idle_.with([](auto& idle) {
    std::unique_ptr<Reader> last;
    if (!idle.empty()) {
      last = std::move(idle.back());
      idle.pop_back();
    }
    return last;
  });
  if (!reader) {
    NUBO_TRY(reader, Reader::open(path_));
  }
  return Borrowed(*this, std::move(reader));
}

Result<std::shared_ptr<const Vm>> Archive::find(VmId id) const {
  NUBO_TRY(const Borrowed reader, borrow());
  NUBO_TRY(const std::string body, reader->body(id));
  if (body.empty()) return nullptr;
  NUBO_TRY(Vm vm, object_of<Vm>(id.value, body));
  return std::make_shared<const Vm>(std::move(vm));
}

Result<std::string> Archive::brief_document(VmId id) const {
  NUBO_TRY(const Borrowed reader, borrow());
  return reader->brief(id);
}

Result<std::vector<ArchivedVm>> Archive::page(const ArchiveQuery& query) const {
  NUBO_TRY(const Borrowed reader, borrow());
  NUBO_TRY(Statement rows, reader->prepare(page_sql(query)));
  rows.bind(1, static_cast<long long>(query.first));
  rows.bind(2, static_cast<long long>(query.last));
  if (query.owner) rows.bind(3, static_cast<long long>(query.owner->value));
  rows.bind(4, query.started_before.count());
  rows.bind(5, query.ended_after.count());
  std::vector<ArchivedVm> page;
  while (true) {
    NUBO_TRY(const bool more, rows.step());
    if (!more) return page;
    page.push_back(head_of(rows));
  }
}

Status Archive::scan(const ArchiveQuery& query,
                     const std::function<Result<bool>(const ArchivedVm&)>& visit) const {
  ArchiveQuery rest = query;
  while (rest.first <= rest.last) {
    NUBO_TRY(const auto vms, page(rest));
    for (const ArchivedVm& vm : vms) {
      NUBO_TRY(const bool goes_on, visit(vm));
      if (!goes_on) return ok();
    }
    if (vms.size() < page_size) return ok();
    const int reached = vms.back().id.value;
    if (reached == (query.ascends ? rest.last : rest.first)) return ok();
    (query.ascends ? rest.first : rest.last) = reached + (query.ascends ? 1 : -1);
  }
  return ok();
}

Result<long long> Archive::count() const {
  NUBO_TRY(const Borrowed reader, borrow());
  NUBO_TRY(Statement rows, reader->prepare("SELECT count(*) FROM vm_done"));
  NUBO_CHECK(rows.step());
  return rows.integer(0);
}

}  // namespace nubo
