// SPDX-License-Identifier: Apache-2.0
#include "sched/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "sched/affinity.h"
#include "sched/facts.h"

namespace nubo {
namespace {

/// A host with what this round has left of it.
struct Room {
  const Host* host = nullptr;
  const Cluster* cluster = nullptr;
  long long cpu = 0;
  long long memory = 0;
  int vms = 0;
};

struct Storage {
  Ptr<Datastore> datastore;
  bool shared = true;
  long long free_mb = 0;
};

/// What a VM asks for.
struct Need {
  const Vm* vm = nullptr;
  Capacity capacity;
  long long disk_mb = 0;
  bool moves = false;
  Affinity affinity{};
  std::string requirements = {};  // its own ones
};

/// How many hosts failed for which reason; the words of SCHED_MESSAGE.
struct Reasons {
  int hosts = 0, unfit = 0, cpu = 0, memory = 0, group = 0, storage = 0;
  long long best_cpu = 0, best_memory = 0;
};

std::string both(const std::string& automatic, const std::string& own) {
  if (own.empty()) return automatic;
  return automatic.empty() ? own : automatic + " & ( " + own + " )";
}

std::string first_of(const PackedTemplate& user, const char* name, const char* old_name) {
  std::string value = user.get(name);
  return value.empty() ? user.get(old_name) : value;
}

/// MB that the VM's disks take on the system datastore (vm-lifecycle.md §6.2).
long long system_disk_mb(const Vm& vm) {
  long long total = 0;
  for (const Vector* disk : vm.system.vectors("DISK")) {
    const bool copied = disk->yes("CLONE");
    const std::string& target = disk->get(copied ? "CLONE_TARGET" : "LN_TARGET");
    if (disk->contains("IMAGE_ID") && target != "SYSTEM") continue;
    total += disk->number<long long>("SIZE").value_or(0) +
             disk->number<long long>("DISK_SNAPSHOT_TOTAL_SIZE").value_or(0);
  }
  return total;
}

class Round {
 public:
  Round(const Snapshot& snapshot, const PlacementRules& rules, PlacementCache& cache)
      : snapshot_(snapshot), rules_(rules), cache_(cache), expressions_(cache.expressions()) {
    cache_.follow(snapshot);
    gather_hosts();
    gather_datastores();
  }

  Plan run() {
    Plan plan;
    for (const Need& need : gather_needs()) {
      if (auto placed = place_one(need)) {
        plan.placed.push_back(*placed);
      } else {
        plan.not_placed.push_back({need.vm->id, placed.error().message});
      }
    }
    return plan;
  }

 private:
  using Matches = std::vector<std::size_t>;  // places in rooms_ or storages_

  void gather_hosts() {
    rooms_.reserve(snapshot_.pool<Host>().size());
    const Cluster* cluster = nullptr;  // mostly the one of the host before
    snapshot_.pool<Host>().for_each([this, &cluster](const Entry<Host>& entry) {
      const Host& host = entry.object;
      if (host.state != HostState::monitored) return;
      if (!cluster || cluster->id != host.cluster_id) {
        cluster = snapshot_.find<Cluster>(host.cluster_id).get();
      }
      rooms_.push_back({.host = &host,
                        .cluster = cluster,
                        .cpu = host.share.max_cpu - host.share.cpu_usage,
                        .memory = host.share.max_mem - host.share.mem_usage,
                        .vms = host.share.running_vms});
    });
  }

  void gather_datastores() {
    snapshot_.pool<Datastore>().for_each([this](const Entry<Datastore>& entry) {
      const Datastore& store = entry.object;
      if (store.kind != DatastoreType::system || store.state != DatastoreState::ready) return;
      const bool shared = store.attributes.yes("SHARED", true);
      const bool seen = store.free_mb != 0 || store.total_mb != 0 || store.used_mb != 0;
      if (shared && !seen) return;
      const auto limit = store.attributes.number<long long>("LIMIT_MB");
      storages_.push_back(
          {.datastore = snapshot_.find<Datastore>(store.id),
           .shared = shared,
           .free_mb = limit ? std::max(0LL, *limit - store.used_mb) : store.free_mb});
    });
  }

  std::vector<Need> gather_needs() const {
    std::vector<Need> needs;
    for (const VmId id : cache_.waiting()) {
      const Vm& vm = *snapshot_.find<Vm>(id);
      const bool runs = vm.lcm_state == LcmState::running || vm.lcm_state == LcmState::unknown;
      const bool moves = vm.resched && (vm.state == VmState::poweroff || runs);
      if ((vm.state != VmState::pending && !moves) || vm.lock) continue;
      const Capacity capacity = capacity_of(vm);
      const double memory_mb = static_cast<double>(capacity.memory) / 1024;
      const auto extra = static_cast<long long>(rules_.memory_on_datastore * memory_mb);
      needs.push_back({&vm, capacity, system_disk_mb(vm) + extra, moves,
                       affinity_of(snapshot_, vm),
                       first_of(vm.user, "SCHED_REQUIREMENTS", "REQUIREMENTS")});
    }
    std::ranges::stable_sort(needs, std::greater{}, [](const Need& need) {
      return need.vm->user.number<double>("USER_PRIORITY").value_or(0);
    });
    return needs;
  }

  /// Places of the hosts that meet the expression, for all VMs of an owner at once.
  Result<const Matches*> matching_hosts(const Need& need) {
    const Vm& vm = *need.vm;
    const std::string text = both(vm.system.get("AUTOMATIC_REQUIREMENTS"), need.requirements);
    const auto key = std::pair(vm.uid, text);
    if (const auto known = hosts_.find(key); known != hosts_.end()) return &known->second;
    NUBO_TRY(HostVerdicts* const verdicts, cache_.verdicts(text));
    Matches matches;
    for (std::size_t place = 0; place < rooms_.size(); ++place) {
      const Room& room = rooms_[place];
      if (rules_.may_use_host && !rules_.may_use_host(vm, *room.host)) continue;
      if (verdicts->holds(*room.host, room.cluster)) matches.push_back(place);
    }
    return &hosts_.emplace(key, std::move(matches)).first->second;
  }

  /// Places of the system datastores that meet the expression, best first.
  Result<const Matches*> matching_datastores(const Vm& vm) {
    const std::string text =
        both(vm.system.get("AUTOMATIC_DS_REQUIREMENTS"), vm.user.get("SCHED_DS_REQUIREMENTS"));
    const std::string own_rank = vm.user.get("SCHED_DS_RANK");
    const std::string& rank_text = own_rank.empty() ? rules_.default_datastore_rank : own_rank;
    const auto key = std::pair(vm.uid, text + '\n' + rank_text);
    if (const auto known = datastores_.find(key); known != datastores_.end()) {
      return &known->second;
    }
    const Result<Requirement>& requirement = expressions_.requirement(text);
    if (!requirement) return Failure(requirement.error());
    const Result<Rank>& rank = expressions_.rank(rank_text);
    if (!rank) return Failure(rank.error());
    std::vector<std::pair<double, std::size_t>> ranked;
    for (std::size_t place = 0; place < storages_.size(); ++place) {
      const Datastore& store = *storages_[place].datastore;
      if (rules_.may_use_datastore && !rules_.may_use_datastore(vm, store)) continue;
      const Facts facts = datastore_facts(store);
      if (requirement->holds(facts)) ranked.emplace_back(-rank->value(facts), place);
    }
    std::ranges::sort(ranked);
    Matches matches;
    for (const auto& [rank_value, place] : ranked) matches.push_back(place);
    return &datastores_.emplace(key, std::move(matches)).first->second;
  }

  /// The VM's own rank of every host, or nullptr: the default, which follows the round.
  Result<const std::vector<double>*> host_ranks(const Vm& vm) {
    const std::string text = first_of(vm.user, "SCHED_RANK", "RANK");
    if (text.empty() && rules_.default_host_rank == "- RUNNING_VMS") return nullptr;
    const std::string& used = text.empty() ? rules_.default_host_rank : text;
    if (const auto known = ranks_.find(used); known != ranks_.end()) return &known->second;
    const Result<Rank>& rank = expressions_.rank(used);
    if (!rank) return Failure(rank.error());
    std::vector<double> values;
    for (const Room& room : rooms_) {
      values.push_back(rank->value(host_facts(*room.host, room.cluster)));
    }
    return &ranks_.emplace(used, std::move(values)).first->second;
  }

  bool stays_where_it_is(const Need& need, const Room& room) const {
    return need.moves && need.vm->current() && need.vm->current()->host_id == room.host->id;
  }

  /// CURRENT_VMS changes within a round, so such a requirement is asked again.
  bool still_holds(const Need& need, const Room& room) {
    if (need.requirements.find("CURRENT_VMS") == std::string::npos) return true;
    const auto placed = placed_on_.find(room.host->id);
    if (placed == placed_on_.end()) return true;
    Host now = *room.host;
    now.vms.insert(placed->second.begin(), placed->second.end());
    const Result<Requirement>& requirement = expressions_.requirement(need.requirements);
    return requirement && requirement->holds(host_facts(now, room.cluster));
  }

  /// What the VM's group wants, with those that this round has placed.
  bool group_allows(const Need& need, const Room& room) const {
    if (need.affinity.is_empty()) return true;
    IdSet<VmTag> on_host = room.host->vms;
    bool elsewhere = any_has_host(snapshot_, need.affinity.together);
    for (const auto& [host, vms] : placed_on_) {
      for (const VmId vm : vms) {
        elsewhere = elsewhere || need.affinity.together.contains(vm);
        if (host == room.host->id) on_host.insert(vm);
      }
    }
    return need.affinity.allows(room.host->id, on_host, elsewhere);
  }

  bool fits(const Need& need, const Room& room, Reasons& reasons) {
    if (stays_where_it_is(need, room)) return false;
    if (!group_allows(need, room)) {
      ++reasons.group;
      return false;
    }
    reasons.best_cpu = std::max(reasons.best_cpu, room.cpu);
    reasons.best_memory = std::max(reasons.best_memory, room.memory);
    if (need.capacity.cpu > room.cpu) ++reasons.cpu;
    if (need.capacity.memory > room.memory) ++reasons.memory;
    return need.capacity.cpu <= room.cpu && need.capacity.memory <= room.memory &&
           still_holds(need, room);
  }

  long long free_on(const Storage& storage, const Room& room) const {
    if (storage.shared) return storage.free_mb;
    const std::string id = std::to_string(storage.datastore->id.value);
    for (const Vector* local : room.host->share.datastores.vectors("DS")) {
      if (local->get("ID") == id) return local->number<long long>("FREE_MB").value_or(0);
    }
    return room.host->share.datastores.number<long long>("FREE_DISK").value_or(0);
  }

  std::optional<std::size_t> storage_for(const Need& need, const Room& room,
                                         const Matches& candidates) const {
    for (const std::size_t place : candidates) {
      const Storage& storage = storages_[place];
      if (!storage.datastore->clusters.contains(room.host->cluster_id)) continue;
      const bool back = need.moves && need.vm->current()->datastore_id != storage.datastore->id;
      if (back) continue;
      if (need.disk_mb == 0 || need.disk_mb < free_on(storage, room)) return place;
    }
    return {};
  }

  Result<Placed> place_one(const Need& need) {
    NUBO_TRY(const Matches* const hosts, matching_hosts(need));
    NUBO_TRY(const Matches* const datastores, matching_datastores(*need.vm));
    NUBO_TRY(const std::vector<double>* const ranks, host_ranks(*need.vm));
    Reasons reasons{.hosts = static_cast<int>(rooms_.size()),
                    .unfit = static_cast<int>(rooms_.size() - hosts->size())};
    double best = -std::numeric_limits<double>::infinity();
    std::optional<std::pair<std::size_t, std::size_t>> choice;
    for (const std::size_t place : *hosts) {
      const Room& room = rooms_[place];
      const double rank = ranks ? (*ranks)[place] : -room.vms;
      if (rank <= best || !fits(need, room, reasons)) continue;
      const auto storage = storage_for(need, room, *datastores);
      if (!storage) {
        ++reasons.storage;
        continue;
      }
      best = rank;
      choice = std::pair(place, *storage);
    }
    if (!choice) return Failure(explain(need, reasons, datastores->empty()));
    return take(need, rooms_[choice->first], storages_[choice->second]);
  }

  Placed take(const Need& need, Room& room, Storage& storage) {
    room.cpu -= need.capacity.cpu;
    room.memory -= need.capacity.memory;
    ++room.vms;
    if (storage.shared && !need.moves) storage.free_mb -= need.disk_mb;
    placed_on_[room.host->id].push_back(need.vm->id);
    return {need.vm->id, room.host->id, storage.datastore->id, need.moves};
  }

  Error explain(const Need& need, const Reasons& reasons, bool no_datastore) const {
    std::string why = "Cannot dispatch VM: ";
    const auto add = [&why](const std::string& part) { why += part + "; "; };
    if (reasons.hosts == 0) {
      add("there is no host that is monitored and enabled");
    } else if (reasons.unfit == reasons.hosts) {
      add(fmt::format("none of {} hosts meets the requirements or may be used by {}", reasons.hosts,
                      need.vm->uname));
    } else {
      if (reasons.unfit > 0) {
        add(fmt::format("{} of {} hosts do not meet the requirements", reasons.unfit,
                        reasons.hosts));
      }
      if (reasons.cpu > 0) {
        add(fmt::format("{} of {} hosts lack CPU: {:.2f} needed, {:.2f} free at most", reasons.cpu,
                        reasons.hosts, static_cast<double>(need.capacity.cpu) / 100,
                        static_cast<double>(reasons.best_cpu) / 100));
      }
      if (reasons.group > 0) {
        add(fmt::format("{} hosts are ruled out by the VM group", reasons.group));
      }
      if (reasons.memory > 0) {
        add(fmt::format("{} of {} hosts lack memory: {} MB needed, {} MB free at most",
                        reasons.memory, reasons.hosts, need.capacity.memory / 1024,
                        reasons.best_memory / 1024));
      }
    }
    if (no_datastore) {
      add("no system datastore is enabled, monitored and meets the requirements");
    } else if (reasons.storage > 0) {
      add(fmt::format("{} hosts have no system datastore with {} MB free", reasons.storage,
                      need.disk_mb));
    }
    why.resize(why.size() - 2);
    return {Code::action, why, -1};
  }

  const Snapshot& snapshot_;
  const PlacementRules& rules_;
  PlacementCache& cache_;
  ExpressionCache& expressions_;
  std::vector<Room> rooms_;
  std::vector<Storage> storages_;
  std::map<std::pair<UserId, std::string>, Matches> hosts_;
  std::map<std::pair<UserId, std::string>, Matches> datastores_;
  std::map<std::string, std::vector<double>> ranks_;
  std::map<HostId, std::vector<VmId>> placed_on_;
};

}  // namespace

Plan place(const Snapshot& snapshot, const PlacementRules& rules, PlacementCache& cache) {
  return Round(snapshot, rules, cache).run();
}

}  // namespace nubo
