// SPDX-License-Identifier: Apache-2.0
// World: the guests that the dummy hypervisors run. With a file it outlives the program, so that a
// restarted oned finds what it left, as with real nodes. Any thread.
#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "orders.h"

namespace nubo::dummy {

struct Guest {
  int vm = -1;
  std::string node;
  std::string deploy_id;
  std::string state = "running";  // as the probe says it: running, paused, off
  std::string cpu, memory_mb;     // of the VM's template
  Values orders;                  // DUMMY_ attributes of the VM when it was deployed

  bool operator==(const Guest&) const = default;
};

class World {
 public:
  /// Reads the file and goes on writing to it; an empty path keeps all in memory. Code::internal
  /// when the file cannot be written.
  Status open(const std::string& path);

  std::optional<Guest> find(int vm);
  std::vector<Guest> on(const std::string& node);
  void put(Guest guest);
  void remove(int vm);

 private:
  struct Guests {
    std::map<int, Guest> by_vm;
    std::map<std::string, std::set<int>, std::less<>> by_node;
    std::string path;  // empty: all in memory
    std::ofstream file;
    std::size_t lines = 0;  // in the file
  };

  static void write(Guests& guests, const Guest& changed);
  /// A file with one line for each guest, in place of what is there.
  static Status write_anew(Guests& guests);
  static void insert(Guests& guests, Guest guest);
  static void erase(Guests& guests, int vm);

  Guarded<Guests> guests_;
};

}  // namespace nubo::dummy
