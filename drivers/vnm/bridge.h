// SPDX-License-Identifier: Apache-2.0
// The bridge driver: a Linux bridge on the node for each network, with the node's card (PHYDEV) in
// it. Made before the first guest comes, removed after the last one went. Pure: what comes out is
// shell text for the node.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "text/template.h"

namespace nubo::vnm {

/// A network's devices on the node.
struct Bridge {
  std::string name;
  std::string card;   // PHYDEV; "" for none
  bool keep = false;  // stays when the last guest goes

  bool operator==(const Bridge&) const = default;
};

/// The bridges of a VM's NICs whose VN_MAD is `driver`, each once. `keep_empty`: unless the network
/// says otherwise (CONF, keep_empty_bridge). Code::action for names that are no device names.
Result<std::vector<Bridge>> bridges_of(const Template& vm, const std::string& driver,
                                       bool keep_empty);

/// Makes what is missing; may be repeated.
std::string pre_script(const std::vector<Bridge>& bridges);
/// Removes those without guests; "" when none may go.
std::string clean_script(const std::vector<Bridge>& bridges);

}  // namespace nubo::vnm
