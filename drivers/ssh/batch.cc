// SPDX-License-Identifier: Apache-2.0
#include "ssh/batch.h"

#include "ssh/disk_functions.h"
#include "ssh/quote.h"
#include "text/trim.h"

namespace nubo::ssh {

Status Batch::add(const std::string& node, std::initializer_list<std::string_view> words) {
  if (node != node_) NUBO_CHECK(flush());
  node_ = node;
  calls_ += fmt::format("doing={}\n{}\n", quote(doing_), command_line(words));
  return ok();
}

std::string Batch::script() { return disk_functions + functions_ + std::exchange(calls_, {}); }

Status Batch::flush() {
  if (calls_.empty()) return ok();
  const auto done = nodes_.output(node_, {.script = script()}, context_);
  return done ? ok() : Failure(done.error());
}

Result<std::string> Batch::ask(const std::string& node,
                               std::initializer_list<std::string_view> words) {
  NUBO_CHECK(flush());
  NUBO_CHECK(add(node, words));
  NUBO_TRY(const std::string said, nodes_.output(node, {.script = script()}, context_));
  return std::string(trimmed(said));
}

Status Batch::pipe(const Job& from, const Job& to) {
  NUBO_CHECK(flush());
  const Status status = nodes_.pipe(from, to, context_);
  return status ? ok() : Failure(context(status.error(), doing_));
}

}  // namespace nubo::ssh
