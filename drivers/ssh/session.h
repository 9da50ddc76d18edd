// SPDX-License-Identifier: Apache-2.0
// Session: one SSH connection to a node, logged in, for one command after the other. Used by one
// thread at a time (Nodes sees to it). Every wait ends with the request.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "nubo/driver/context.h"
#include "ssh/command.h"
#include "ssh/settings.h"

namespace nubo::ssh {

class Session {
 public:
  struct State;

  /// Connects, checks the node's key and logs in. Code::internal naming the node and what stood in
  /// the way.
  static Result<std::unique_ptr<Session>> open(const std::string& node, const Settings& settings,
                                               const driver::Context& context);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Asks the node for a channel, the first thing of each command. A failure says that nothing was
  /// run and that the session is of no more use.
  Status prepare(const driver::Context& context);
  /// Runs the command in the channel of prepare() to its end, whatever its exit status. After a
  /// failure the session is of no more use.
  Result<Outcome> run(const Command& command, const driver::Context& context);

 private:
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace nubo::ssh
