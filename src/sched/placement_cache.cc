// SPDX-License-Identifier: Apache-2.0
#include "sched/placement_cache.h"

#include "sched/facts.h"

namespace nubo {
namespace {

constexpr std::size_t most_expressions = 10'000;
constexpr std::size_t most_verdicts = 100;  // a byte for each host in each

/// The one of that text, compiled when it is new.
template <class T>
const Result<T>& compiled(std::map<std::string, Result<T>>& known, const std::string& text) {
  if (const auto found = known.find(text); found != known.end()) return found->second;
  if (known.size() >= most_expressions) known.clear();
  return known.emplace(text, T::compile(text)).first->second;
}

}  // namespace

const Result<Requirement>& ExpressionCache::requirement(const std::string& text) {
  return compiled(requirements_, text);
}

const Result<Rank>& ExpressionCache::rank(const std::string& text) {
  return compiled(ranks_, text);
}

void HostVerdicts::follow(const Snapshot& snapshot) {
  const Pool<Cluster>& clusters = snapshot.pool<Cluster>();
  clusters.for_each_difference(clusters_, [this](const Entry<Cluster>*, const Entry<Cluster>*) {
    verdicts_.clear();
  });
  clusters_ = clusters;
  const Pool<Host>& hosts = snapshot.pool<Host>();
  hosts.for_each_difference(hosts_, [this](const Entry<Host>* before, const Entry<Host>* now) {
    const auto id = static_cast<std::size_t>((now ? now : before)->object.id.value);
    if (id < verdicts_.size()) verdicts_[id] = Verdict::unknown;
  });
  hosts_ = hosts;
}

bool HostVerdicts::holds(const Host& host, const Cluster* cluster) {
  const auto id = static_cast<std::size_t>(host.id.value);
  if (id >= verdicts_.size()) verdicts_.resize(id + 1, Verdict::unknown);
  Verdict& verdict = verdicts_[id];
  if (verdict == Verdict::unknown) {
    verdict = requirement_.holds(host_facts(host, cluster)) ? Verdict::holds : Verdict::fails;
  }
  return verdict == Verdict::holds;
}

void PlacementCache::follow(const Snapshot& snapshot) {
  snapshot.pool<Vm>().for_each_difference(
      snapshot_.pool<Vm>(), [this](const Entry<Vm>* before, const Entry<Vm>* now) {
        if (now && waits_for_place(now->object)) {
          waiting_.insert(now->object.id);
        } else if (before) {
          waiting_.erase(before->object.id);
        }
      });
  snapshot_ = snapshot;
}

Result<HostVerdicts*> PlacementCache::verdicts(const std::string& requirement) {
  auto known = verdicts_.find(requirement);
  if (known == verdicts_.end()) {
    const Result<Requirement>& compiled = expressions_.requirement(requirement);
    if (!compiled) return Failure(compiled.error());
    if (verdicts_.size() >= most_verdicts) verdicts_.clear();
    known = verdicts_.emplace(requirement, HostVerdicts(*compiled)).first;
  }
  known->second.follow(snapshot_);
  return &known->second;
}

bool waits_for_place(const Vm& vm) { return vm.state == VmState::pending || vm.resched; }

}  // namespace nubo
