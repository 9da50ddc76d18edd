// SPDX-License-Identifier: Apache-2.0
// Batch: calls of shell functions, gathered as long as they are for one node and sent there in
// one round trip. One thread; for one request.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ssh/nodes.h"

namespace nubo::ssh {

class Batch {
 public:
  /// `functions`: shell text with the functions that will be called, besides disk_functions.sh.
  Batch(Nodes& nodes, std::string functions, const driver::Context& context)
      : nodes_(nodes), functions_(std::move(functions)), context_(context) {}

  /// What the calls from now on belong to, for error texts.
  void doing(std::string line) { doing_ = std::move(line); }

  /// Done by the next flush(), or earlier. words[0] is the function.
  Status add(const std::string& node, std::initializer_list<std::string_view> words);
  /// Runs what was gathered.
  Status flush();
  /// flush(), then this call at once: what it printed, without the newline.
  Result<std::string> ask(const std::string& node, std::initializer_list<std::string_view> words);
  /// flush(), then carries the data from the one script's output to the other's input.
  Status pipe(const Job& from, const Job& to);

 private:
  std::string script();

  Nodes& nodes_;
  const std::string functions_;
  const driver::Context& context_;
  std::string doing_;
  std::string node_;
  std::string calls_;  // for node_, not yet run
};

}  // namespace nubo::ssh
