// SPDX-License-Identifier: Apache-2.0
// The daemon under test, run through a program with the interface of test/throwaway.sh: `start DIR
// PORT [--keep]`, `stop DIR`, `kill DIR`; its pid in DIR/oned.pid, its session in DIR/one_auth. All
// of it lives below a directory of its own, which goes with the object. One thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bench/load.h"
#include "bench/process_tree.h"

namespace nubo::bench {

class Daemon {
 public:
  struct Options {
    std::string label;
    std::string program;  // of the interface above
    std::uint16_t port = 0;
    std::filesystem::path parent;  // where its directory is made
  };

  explicit Daemon(Options options);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  /// Starts it, on a fresh database or on the one that is there, and returns the time from the
  /// execution of the program (when its pid file was written) to the first good answer.
  enum class Database { fresh, kept };
  Result<Seconds> start(Database database);
  Status stop();
  Status kill();

  /// A call; anything but success is an error that names the method.
  Result<client::Value> call(std::string_view method, const client::Params& params = {}) const;
  Result<int> id(std::string_view method, const client::Params& params) const;
  Result<std::string> text(std::string_view method, const client::Params& params = {}) const;

  const Target& target() const { return target_; }

  const std::filesystem::path& directory() const { return directory_; }

  TreeUsage usage() const;

 private:
  /// Whether it answers calls of the user whom it has been given.
  bool is_up();
  Status run(const std::vector<std::string>& words) const;
  Result<pid_t> pid() const;

  Options options_;
  std::filesystem::path directory_;
  Target target_;
};

}  // namespace nubo::bench
