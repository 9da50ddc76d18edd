// SPDX-License-Identifier: Apache-2.0
// PlacementCache: what a round of placement leaves to the next one: compiled expressions, the VMs
// that wait, the hosts that meet a requirement. It follows the snapshots by what differs between
// them, so that placing one VM costs little beside thousands of hosts and VMs. One thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/snapshot.h"
#include "text/expression.h"

namespace nubo {

/// Compiled expressions by their text.
class ExpressionCache {
 public:
  const Result<Requirement>& requirement(const std::string& text);
  const Result<Rank>& rank(const std::string& text);

 private:
  std::map<std::string, Result<Requirement>> requirements_;
  std::map<std::string, Result<Rank>> ranks_;
};

/// Whether hosts meet one requirement; asked of a host again when the host has changed.
class HostVerdicts {
 public:
  explicit HostVerdicts(Requirement requirement) : requirement_(std::move(requirement)) {}

  void follow(const Snapshot& snapshot);
  /// For a host of the snapshot followed last.
  bool holds(const Host& host, const Cluster* cluster);

 private:
  enum class Verdict : unsigned char { unknown, holds, fails };

  Requirement requirement_;
  Pool<Host> hosts_;
  Pool<Cluster> clusters_;
  std::vector<Verdict> verdicts_;  // by id of the host
};

class PlacementCache {
 public:
  /// To be called before each round.
  void follow(const Snapshot& snapshot);

  ExpressionCache& expressions() { return expressions_; }

  /// The VMs that are PENDING or are to be moved.
  const std::set<VmId>& waiting() const { return waiting_; }

  /// Of the snapshot followed last; valid until the next round.
  Result<HostVerdicts*> verdicts(const std::string& requirement);

 private:
  ExpressionCache expressions_;
  Snapshot snapshot_;
  std::set<VmId> waiting_;
  std::map<std::string, HostVerdicts> verdicts_;
};

/// Whether the scheduler has to find a host for it.
bool waits_for_place(const Vm& vm);

}  // namespace nubo
