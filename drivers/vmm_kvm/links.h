// SPDX-License-Identifier: Apache-2.0
// Links: the NodeLink of every node that was ever asked for. Any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/guarded.h"
#include "vmm_kvm/libvirt_connection.h"
#include "vmm_kvm/settings.h"

namespace nubo::kvm {

class Links {
 public:
  explicit Links(const Settings& settings) : settings_(settings) {}

  std::shared_ptr<NodeLink> of(const std::string& node) {
    return links_.with([&](auto& links) {
      std::shared_ptr<NodeLink>& link = links[node];
      if (!link) {
        link = std::make_shared<NodeLink>(NodeLink::Place{node, uri_of(settings_, node)});
      }
      return link;
    });
  }

 private:
  const Settings& settings_;
  Guarded<std::map<std::string, std::shared_ptr<NodeLink>>> links_;
};

}  // namespace nubo::kvm
