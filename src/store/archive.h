// SPDX-License-Identifier: Apache-2.0
// Archive: reads the VMs that are DONE. The commit that stores a VM as DONE takes it out of the
// snapshot, and from then on only the database has it; so they cost disk, but neither memory nor
// time at start. A reader looks into its snapshot first and here for the ids that are not there:
// what ended meanwhile is then seen once. Any thread, io for single rows only; each read has a connection of its own,
// which neither waits for the writer nor holds it up.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "model/vm.h"

namespace nubo {

/// What is known of a DONE VM before its document is read: id, owner, group, the bits of USE.
struct ArchivedVm : Owned {
  static constexpr ObjectType type = ObjectType::vm;

  VmId id;
};

/// Which of them, and in which order of ids.
struct ArchiveQuery {
  int first = 0;
  int last = std::numeric_limits<int>::max();
  std::optional<UserId> owner = {};
  EpochSeconds started_before{};  // 0: whenever
  EpochSeconds ended_after{};
  bool ascends = true;
};

class Archive {
 public:
  /// Reads the database at that path, which is to be there by the first read.
  explicit Archive(std::string path);
  ~Archive();

  /// nullptr when no VM of that id is DONE. Code::internal when the database cannot be read.
  Result<std::shared_ptr<const Vm>> find(VmId id) const;
  /// Its document in short lists; "" when there is none.
  Result<std::string> brief_document(VmId id) const;
  /// Calls `visit` for each until it answers false. Only some hundred are in memory at a time.
  Status scan(const ArchiveQuery& query,
              const std::function<Result<bool>(const ArchivedVm&)>& visit) const;
  /// Reads an index of all: not for every request.
  Result<long long> count() const;

 private:
  class Reader;
  class Borrowed;

  Result<Borrowed> borrow() const;
  Result<std::vector<ArchivedVm>> page(const ArchiveQuery& query) const;

  const std::string path_;
  mutable Guarded<std::vector<std::unique_ptr<Reader>>> idle_;
};

}  // namespace nubo
