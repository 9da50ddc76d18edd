// SPDX-License-Identifier: Apache-2.0
// Checks that a node is who it says, by the files of known hosts that OpenSSH keeps. A host that is
// not listed is refused: nothing is learnt by connecting.
#pragma once

#include <libssh2.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "ssh/settings.h"

namespace nubo::ssh {

/// The known hosts as one session needs them; must not outlive it. One thread.
class HostKeys {
 public:
  /// Missing files and lines that cannot be read are skipped, as OpenSSH does.
  HostKeys(LIBSSH2_SESSION* session, const Settings& settings);

  /// The names of the key types that are known for the node, as SSH's key exchange takes them
  /// ("ssh-ed25519,…"), so that the node is asked for one that can be checked. Code::internal when
  /// there is none.
  Result<std::string> known_types(const std::string& node) const;
  /// After the key exchange: Code::internal unless the node showed a key that is known for it.
  Status check(const std::string& node) const;

 private:
  struct Free {
    void operator()(LIBSSH2_KNOWNHOSTS* hosts) const { ::libssh2_knownhost_free(hosts); }
  };

  LIBSSH2_SESSION* session_;
  const Settings& settings_;
  std::unique_ptr<LIBSSH2_KNOWNHOSTS, Free> hosts_;
};

}  // namespace nubo::ssh
