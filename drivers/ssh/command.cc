// SPDX-License-Identifier: Apache-2.0
#include "ssh/command.h"

#include <fmt/core.h>

#include "ssh/quote.h"

namespace nubo::ssh {

std::string with_prelude(const std::string& script) {
  return "export LC_ALL=C PATH=\"$PATH:/usr/sbin:/sbin\"\n" + script;
}

std::string with_lifeline(const std::string& script) {
  // Braces: the shell has read all of this before `read` takes over the standard input.
  return fmt::format(
      "{{ exec 3<&0; setsid sh -c {} </dev/null 3<&- & job=$!\n"
      "(read -r _ <&3; kill -s TERM -- -$job; sleep 5; kill -s KILL -- -$job) >/dev/null 2>&1 &\n"
      "guard=$!; wait $job; status=$?; kill $guard 2>/dev/null; exit $status; }}\n",
      quote(with_prelude(script)));
}

}  // namespace nubo::ssh
