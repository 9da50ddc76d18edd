// SPDX-License-Identifier: Apache-2.0
#include "sched/networks.h"

#include <fmt/format.h>

#include "sched/facts.h"
#include "text/trim.h"

namespace nubo {
namespace {

constexpr const char* default_rank = "FREE_LEASES";

bool waits_for_network(const Vector& nic) {
  return upper_case(nic.get("NETWORK_MODE")) == "AUTO" && !nic.contains("NETWORK_ID");
}

class Choice {
 public:
  Choice(const Snapshot& snapshot, const Vm& vm, const Host& host, const PlacementRules& rules,
         ExpressionCache& cache)
      : snapshot_(snapshot), vm_(vm), host_(host), rules_(rules), cache_(cache) {}

  Result<VirtualNetworkId> network_for(const Vector& nic) {
    const auto& wanted = cache_.requirement(nic.get("SCHED_REQUIREMENTS"));
    if (!wanted) return Failure(wanted.error());
    const std::string& own = nic.get("SCHED_RANK");
    const auto& rank = cache_.rank(own.empty() ? default_rank : own);
    if (!rank) return Failure(rank.error());
    VirtualNetworkId best;
    double best_value = 0;
    snapshot_.pool<VirtualNetwork>().for_each([&](const Entry<VirtualNetwork>& entry) {
      const VirtualNetwork& network = entry.object;
      const Facts facts = network_facts(network);
      if (!is_usable(network) || !wanted->holds(facts)) return;
      const double value = rank->value(facts);
      if (best.is_set() && value <= best_value) return;
      best = network.id;
      best_value = value;
    });
    if (best.is_set()) return best;
    return fail(Code::action, "No network of cluster {} fits NIC {}", host_.cluster_id,
                nic.get("NIC_ID"));
  }

 private:
  bool is_usable(const VirtualNetwork& network) const {
    return network.state == NetworkState::ready && network.clusters.contains(host_.cluster_id) &&
           free_leases(network) > 0 &&
           (!rules_.may_use_network || rules_.may_use_network(vm_, network));
  }

  const Snapshot& snapshot_;
  const Vm& vm_;
  const Host& host_;
  const PlacementRules& rules_;
  ExpressionCache& cache_;
};

}  // namespace

Result<Template> choose_networks(const Snapshot& snapshot, const Vm& vm, const Host& host,
                                 const PlacementRules& rules, ExpressionCache& cache) {
  Template chosen;
  Choice choice(snapshot, vm, host, rules, cache);
  for (const Vector* nic : vm.system.vectors("NIC")) {
    if (!waits_for_network(*nic)) continue;
    NUBO_TRY(const VirtualNetworkId network, choice.network_for(*nic));
    chosen.add("NIC", Vector{{"NIC_ID", nic->get("NIC_ID")},
                             {"NETWORK_ID", std::to_string(network.value)}});
  }
  return chosen;
}

}  // namespace nubo
