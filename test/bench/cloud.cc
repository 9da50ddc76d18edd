// SPDX-License-Identifier: Apache-2.0
#include "bench/cloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <thread>

namespace nubo::bench {
namespace {

constexpr Seconds setup_limit{300};

/// The number in front of which `tag` stands first after `from`; moves `from` behind it.
int number_after(std::string_view text, std::string_view tag, std::size_t& from) {
  int value = -1;
  from = text.find(tag, from);
  if (from == std::string_view::npos) return value;
  from += tag.size();
  std::from_chars(text.data() + from, text.data() + text.size(), value);
  return value;
}

Status wait_for(const std::function<Result<bool>()>& is_true, std::string_view what) {
  const auto end = Steady::now() + setup_limit;
  while (Steady::now() < end) {
    NUBO_TRY(const bool is_done, is_true());
    if (is_done) return ok();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return fail(Code::internal, "waited too long for {}", what);
}

int count_of(std::string_view text, std::string_view part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

Result<bool> all_monitored(const Daemon& daemon, int hosts) {
  NUBO_TRY(const std::string pool, daemon.text("one.hostpool.info"));
  return count_of(pool, "<STATE>2</STATE>") >= hosts;
}

Status add_hosts(const Daemon& daemon, int count) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) numbers[static_cast<std::size_t>(i)] = i;
  const Target& target = daemon.target();
  const LoadResult made = for_each_id(target, numbers, 8, [&target](int number) {
    return request(target, Connection::keep_alive, "one.host.allocate",
                   {fmt::format("bench-{}", number), "dummy", "dummy", -1});
  });
  if (made.errors > 0) return fail(Code::internal, "one.host.allocate: {}", made.first_error);
  return wait_for([&] { return all_monitored(daemon, count); }, "the hosts' first monitoring");
}

Result<std::string> add_storage_and_network(const Daemon& daemon, int datastore) {
  NUBO_CHECK(daemon.id("one.vn.allocate", {"NAME=\"bench\"\nVN_MAD=\"dummy\"\nBRIDGE=\"br0\"\n"
                                           "AR=[TYPE=\"IP4\",IP=\"10.0.0.1\",SIZE=\"60000\"]\n",
                                           -1}));
  NUBO_TRY(const int image,
           daemon.id("one.image.allocate", {"NAME=\"bench\"\nPATH=\"/etc/hostname\"\nTYPE=\"OS\"\n"
                                            "DEV_PREFIX=\"vd\"\nSIZE=\"16\"\n",
                                            datastore, true}));
  const auto is_ready = [&]() -> Result<bool> {
    NUBO_TRY(const std::string document, daemon.text("one.image.info", {image, false}));
    return document.find("<STATE>1</STATE>") != std::string::npos;
  };
  NUBO_CHECK(wait_for(is_ready, "the image"));
  return fmt::format("DISK=[IMAGE_ID=\"{}\"]\nNIC=[NETWORK=\"bench\"]\n", image);
}

}  // namespace

std::string vm_template(int number, std::size_t padding) {
  std::string text = fmt::format("NAME=\"bench-{}\"\nCPU=\"0.1\"\nMEMORY=\"64\"\n", number);
  for (int i = 0; text.size() < padding; ++i) {
    text += fmt::format("NOTE_{}=\"{}\"\n", i, std::string(100, 'x'));
  }
  return text;
}

LoadResult allocate_vms(const Target& target, int count, int connections, Connection connection,
                        std::size_t padding) {
  LoadPlan plan{.connections = connections, .connection = connection, .duration = setup_limit};
  plan.source = [&, next = std::make_shared<int>(0)](int, int) -> Source {
    return [&, next]() -> std::optional<Request> {
      if (*next >= count) return {};
      return request(target, connection, "one.vm.allocate",
                     {vm_template((*next)++, padding), true});
    };
  };
  return run_load(target, plan);
}

LoadResult for_each_id(const Target& target, const std::vector<int>& ids, int connections,
                       const std::function<Request(int)>& make) {
  LoadPlan plan{.connections = connections, .duration = setup_limit};
  plan.source = [&](int, int) -> Source {
    return [&, next = ids.begin()]() mutable -> std::optional<Request> {
      if (next == ids.end()) return {};
      return make(*next++);
    };
  };
  return run_load(target, plan);
}

States vm_states(std::string_view pool) {
  States states;
  for (std::size_t at = pool.find("<VM><ID>"); at != std::string_view::npos;
       at = pool.find("<VM><ID>", at)) {
    VmState& vm = states.emplace_back();
    vm.id = number_after(pool, "<VM><ID>", at);
    vm.state = number_after(pool, "<STATE>", at);
    vm.lcm_state = number_after(pool, "<LCM_STATE>", at);
  }
  return states;
}

Result<States> vm_states(const Daemon& daemon, int state) {
  NUBO_TRY(const std::string pool, daemon.text("one.vmpool.info", {-2, -1, -1, state}));
  return vm_states(pool);
}

Status watch(const Daemon& daemon, Seconds limit,
             const std::function<bool(const States&)>& is_reached, int state) {
  const auto end = Steady::now() + limit;
  while (true) {
    const auto began = Steady::now();
    NUBO_TRY(const States states, vm_states(daemon, state));
    if (is_reached(states)) return ok();
    if (Steady::now() > end) return fail(Code::internal, "not there after {} s", limit.count());
    std::this_thread::sleep_for(
        std::max<Steady::duration>(9 * (Steady::now() - began), std::chrono::milliseconds(5)));
  }
}

Result<int> build_cloud(const Daemon& daemon, int hosts, Machines machines) {
  NUBO_CHECK(daemon.id("one.datastore.allocate",
                       {"NAME=\"bench_system\"\nTYPE=\"SYSTEM_DS\"\nTM_MAD=\"dummy\"\n", -1}));
  NUBO_TRY(const int images,
           daemon.id("one.datastore.allocate", {"NAME=\"bench_images\"\nTYPE=\"IMAGE_DS\"\n"
                                                "DS_MAD=\"dummy\"\nTM_MAD=\"dummy\"\n",
                                                -1}));
  NUBO_CHECK(daemon.call("one.datastore.enable", {0, false}));
  NUBO_CHECK(add_hosts(daemon, hosts));
  std::string text = "NAME=\"bench\"\nCPU=\"0.1\"\nMEMORY=\"64\"\n";
  if (machines == Machines::with_disk_and_nic) {
    NUBO_TRY(const std::string devices, add_storage_and_network(daemon, images));
    text += devices;
  }
  return daemon.id("one.template.allocate", {text});
}

}  // namespace nubo::bench
