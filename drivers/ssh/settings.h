// SPDX-License-Identifier: Apache-2.0
// How the driver programs log in to nodes. The settings of a program (docs/driver-protocol.md) name
// them in capitals: SSH_USER, SSH_PORT … (drivers/ssh/README.md lists them).
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "nubo/driver/message.h"

namespace nubo::ssh {

struct Settings {
  std::string user = "oneadmin";
  int port = 22;
  std::vector<std::string> keys;         // private key files, tried in order after the agent's
  std::vector<std::string> known_hosts;  // files of host keys, as OpenSSH keeps them
  bool use_agent = true;                 // ask the agent of SSH_AUTH_SOCK when there is one
  Milliseconds connect_limit{10'000};    // for TCP, key exchange and login together
  int sessions_per_node = 8;             // further commands wait for one of these
  std::string local_name;                // commands for this node run here, without SSH
};

/// The defaults (keys and known hosts of ~/.ssh, this machine's name) with what `values` replaces.
/// Code::internal naming a value that is no number.
Result<Settings> settings_from(const driver::Values& values);

}  // namespace nubo::ssh
