// SPDX-License-Identifier: Apache-2.0
// Daemon: the parts of oned and how they hold together: state, drivers, flow, api, rpc; started in
// this order and stopped in the reverse one, every wait with its end. docs/design.md shows the way
// of a request and of an operation through them. Made, started and stopped by main's thread.
#pragma once

#include <memory>

#include "base/result.h"
#include "daemon/config.h"
#include "daemon/locations.h"

namespace nubo {

class Daemon {
 public:
  /// Opens the state (filling an empty one) and starts everything; from then on calls are
  /// answered. Code::internal with what could not be had; nothing runs then.
  static Result<std::unique_ptr<Daemon>> start(const Config& config, const Locations& locations);
  ~Daemon();

  /// Answers what is in hand, lets quick actions end, stores what is queued. What drivers have not
  /// finished is taken up by the next start. At most about half a minute.
  void stop();

 private:
  struct Parts;

  explicit Daemon(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace nubo
