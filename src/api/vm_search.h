// SPDX-License-Identifier: Apache-2.0
// The search of one.vmpool.info (sheet api.md §7): "VM.NAME=web&VM.TEMPLATE.DISK[*].IMAGE_ID=3"
// finds the VMs whose document has such elements with texts that contain the values, without
// regard to case; a part without '=' is searched for in all texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/vm.h"

namespace nubo::api {

class VmSearch {
 public:
  /// The empty query finds every VM.
  explicit VmSearch(std::string_view query);

  bool finds(const Vm& vm) const;

  bool finds_all() const { return terms_.empty(); }

 private:
  struct Term {
    std::vector<std::string> path;  // names of elements from the root on; empty: anywhere
    std::string value;              // in lower case
  };

  std::vector<Term> terms_;  // all must hold
};

}  // namespace nubo::api
