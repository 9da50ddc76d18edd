// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <cstdio>
#include <utility>

#include "base/numbers.h"

namespace nubo::dummy {

namespace {

// The file holds a line per change in the form of the driver protocol's events; the last line of a
// guest counts. It is written anew before most of its lines count no more.
constexpr std::size_t spare_lines = 10'000;

std::string to_line(const Guest& guest) {
  driver::Event line{"guest", guest.node, guest.orders};
  line.data.insert_or_assign("vm", std::to_string(guest.vm));
  line.data.insert_or_assign("deploy_id", guest.deploy_id);
  line.data.insert_or_assign("state", guest.state);
  line.data.insert_or_assign("cpu", guest.cpu);
  line.data.insert_or_assign("memory_mb", guest.memory_mb);
  return encode(driver::FromDriver(line)) + '\n';
}

std::optional<Guest> from_line(const std::string& text) {
  const auto message = driver::decode_from_driver(text);
  const auto* line = message ? std::get_if<driver::Event>(&*message) : nullptr;
  if (line == nullptr) return {};  // cut off by a crash
  Values data = line->data;
  const auto take = [&data](const char* name) {
    auto value = data.extract(name);
    return value ? std::move(value.mapped()) : std::string();
  };
  Guest guest{.vm = parse_number<int>(take("vm")).value_or(-1), .node = line->node};
  guest.deploy_id = take("deploy_id");
  guest.state = take("state");
  guest.cpu = take("cpu");
  guest.memory_mb = take("memory_mb");
  guest.orders = std::move(data);
  return guest;
}

}  // namespace

void World::erase(Guests& guests, int vm) {
  const auto found = guests.by_vm.find(vm);
  if (found == guests.by_vm.end()) return;
  guests.by_node[found->second.node].erase(vm);
  guests.by_vm.erase(found);
}

void World::insert(Guests& guests, Guest guest) {
  erase(guests, guest.vm);
  if (guest.state == "absent") return;
  guests.by_node[guest.node].insert(guest.vm);
  guests.by_vm.emplace(guest.vm, std::move(guest));
}

Status World::open(const std::string& path) {
  if (path.empty()) return ok();
  return guests_.with([&path](Guests& guests) -> Status {
    std::ifstream old(path);
    for (std::string line; std::getline(old, line);)
      if (auto guest = from_line(line)) insert(guests, std::move(*guest));
    guests.path = path;
    return write_anew(guests);
  });
}

Status World::write_anew(Guests& guests) {
  const std::string fresh = guests.path + ".new";
  std::ofstream file(fresh, std::ios::trunc);
  for (const auto& [vm, guest] : guests.by_vm) file << to_line(guest);
  file.flush();
  if (!file || std::rename(fresh.c_str(), guests.path.c_str()) != 0)
    return fail(Code::internal, "cannot write {}", guests.path);
  guests.file = std::move(file);
  guests.lines = guests.by_vm.size();
  return ok();
}

void World::write(Guests& guests, const Guest& changed) {
  if (guests.path.empty()) return;
  guests.file << to_line(changed) << std::flush;
  ++guests.lines;
}

std::optional<Guest> World::find(int vm) {
  return guests_.with([vm](const Guests& guests) -> std::optional<Guest> {
    const auto found = guests.by_vm.find(vm);
    if (found == guests.by_vm.end()) return {};
    return found->second;
  });
}

std::vector<Guest> World::on(const std::string& node) {
  return guests_.with([&node](const Guests& guests) {
    std::vector<Guest> there;
    const auto found = guests.by_node.find(node);
    if (found == guests.by_node.end()) return there;
    for (const int vm : found->second) there.push_back(guests.by_vm.at(vm));
    return there;
  });
}

void World::put(Guest guest) {
  guests_.with([&guest](Guests& guests) {
    write(guests, guest);
    insert(guests, std::move(guest));
    // One that cannot be written anew only goes on growing.
    if (guests.lines > 2 * guests.by_vm.size() + spare_lines) (void)write_anew(guests);
  });
}

void World::remove(int vm) {
  if (auto guest = find(vm)) {
    guest->state = "absent";
    put(std::move(*guest));
  }
}

}  // namespace nubo::dummy
