// SPDX-License-Identifier: Apache-2.0
// Nodes: runs commands on nodes and streams data between them, over sessions that are kept open.
// The front-end itself (node "", or its own name) is a node like the others, but without SSH. Any
// thread; whatever a command waits for (a session, the network, the node), it ends with its
// request.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "nubo/driver/context.h"
#include "ssh/command.h"
#include "ssh/settings.h"

namespace nubo::ssh {

class SessionPool;

/// A script on a node.
struct Job {
  std::string node;
  std::string script;
};

/// A file on a node.
struct Place {
  std::string node;
  std::string path;
};

class Nodes {
 public:
  explicit Nodes(Settings settings);
  ~Nodes();

  bool is_local(const std::string& node) const;

  /// Runs it to its end, whatever its exit status. Code::internal when the node cannot be reached,
  /// the request ends first, or the command prints too much.
  Result<Outcome> run(const std::string& node, const Command& command,
                      const driver::Context& context);
  /// The standard output of a command that ended with 0; else an error with the node's name and
  /// what the command wrote on its standard error.
  Result<std::string> output(const std::string& node, const Command& command,
                             const driver::Context& context);
  /// The standard output of `from` becomes the input of `to`; both must end with 0. When `from`
  /// fails, `to` sees an early end of its input: what it makes must not be in its place yet.
  Status pipe(const Job& from, const Job& to, const driver::Context& context);
  /// Writes one file, whole or not at all; its directory is made when missing.
  Status write_file(const Place& to, const std::string& contents, const driver::Context& context);

 private:
  Result<Outcome> run_here(const Command& command, const driver::Context& context);

  Settings settings_;
  std::unique_ptr<SessionPool> pool_;
};

}  // namespace nubo::ssh
