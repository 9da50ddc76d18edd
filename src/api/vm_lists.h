// SPDX-License-Identifier: Apache-2.0
// The VMs of pool calls that also show those that are DONE: the snapshot's and the archive's, one
// after the other by id. However many there are, only the answer is in memory.
#pragma once

#include <functional>
#include <string>

#include "api/context.h"
#include "api/generic.h"

namespace nubo::api {

enum class VmForm { brief, full };

/// Which VMs, and in which order. `started_before` and `ended_after` leave out DONE ones that were
/// not there then; 0: no bound.
struct VmSelection {
  int flag = filter_all;
  PoolRange ids = {};
  bool has_living = true;
  bool ascends = true;
  EpochSeconds started_before{};
  EpochSeconds ended_after{};
};

/// One VM of a list. An archived one is read when it is asked for.
class ListedVm {
 public:
  explicit ListedVm(const Entry<Vm>& living) : living_(&living) {}

  ListedVm(const Archive& archive, VmId id) : archive_(&archive), id_(id) {}

  /// nullptr when it has been purged meanwhile.
  Result<Ptr<Vm>> object() const;
  /// When it is in the snapshot, else nullptr.
  const Entry<Vm>* living() const { return living_; }

  /// Of an archived one: its document in lists, "" when it has been purged meanwhile.
  Result<std::string> archived_document(VmForm form) const;

 private:
  const Entry<Vm>* living_ = nullptr;
  const Archive* archive_ = nullptr;
  VmId id_;
};

/// The answer of a pool call: VMs of the snapshot by reference, archived ones as texts of its own.
class VmPoolText {
 public:
  VmPoolText(const Context& call, VmForm form);

  /// Code::internal also when the answer becomes too large to be given.
  Status add(const ListedVm& vm);
  Text whole() &&;

 private:
  void add_living(const Entry<Vm>& entry);

  VmForm form_;
  Text text_;
};

/// Calls `visit` for each that the caller may see until it answers false.
Status for_each_vm(const Context& call, const VmSelection& selection,
                   const std::function<Result<bool>(const ListedVm&)>& visit);

/// Code::internal when an answer with so much history of the archive is too large to be given.
Status check_answer_size(std::size_t bytes);

}  // namespace nubo::api
