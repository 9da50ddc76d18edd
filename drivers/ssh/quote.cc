// SPDX-License-Identifier: Apache-2.0
#include "ssh/quote.h"

namespace nubo::ssh {

std::string quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text.substr(0, text.find('\0'))) {
    if (c == '\'')
      quoted += R"('\'')";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string command_line(std::initializer_list<std::string_view> words) {
  std::string line;
  for (const std::string_view word : words)
    line.append(line.empty() ? "" : " ").append(quote(word));
  return line;
}

}  // namespace nubo::ssh
