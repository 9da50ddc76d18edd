// SPDX-License-Identifier: Apache-2.0
// Where oned finds and keeps its files (sheet drivers.md §8.1): the system's folders, or all below
// $ONE_LOCATION when that is set.
#pragma once

#include <string>

namespace nubo {

struct Locations {
  std::string etc = "/etc/one";
  std::string var = "/var/lib/one";
  std::string log = "/var/log/one";
  std::string programs;  // folder of oned itself

  std::string config_file() const { return etc + "/oned.conf"; }

  std::string log_file() const { return log + "/oned.log"; }

  std::string database() const { return var + "/one.db"; }

  std::string datastores() const { return var + "/datastores"; }
};

/// From the environment and the program's own path.
Locations locate();

/// An EXECUTABLE of oned.conf: a path as it is, a name as one of Nubo's driver programs, which
/// lie in ../lib/nubo/drivers from oned. "" when there is none.
std::string find_driver(const Locations& locations, const std::string& executable);

}  // namespace nubo
