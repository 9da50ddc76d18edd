// SPDX-License-Identifier: Apache-2.0
#include "ssh/settings.h"

#include <unistd.h>

#include <array>
#include <sstream>

#include "base/numbers.h"
#include "ssh/front_end.h"

namespace nubo::ssh {

namespace {

using driver::Values;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::string value_or(const Values& values, std::string_view name, std::string otherwise) {
  const auto found = values.find(name);
  return found == values.end() || found->second.empty() ? std::move(otherwise) : found->second;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

Status read_number(const Values& values, std::string_view name, int& into) {
  const std::string text = value_or(values, name, std::to_string(into));
  const auto number = parse_number<int>(text);
  if (!number || *number <= 0)
    return fail(Code::internal, "setting {} is not a positive number: {}", name, text);
  into = *number;
  return ok();
}

}  // namespace

Result<Settings> settings_from(const Values& values) {
  const std::string ssh_directory = front_end_locations().home + "/.ssh/";
  Settings settings;
  settings.user = value_or(values, "SSH_USER", settings.user);
  settings.local_name = value_or(values, "HOSTNAME", host_name());
  settings.keys = words_of(
      value_or(values, "SSH_KEYS", ssh_directory + "id_ed25519 " + ssh_directory + "id_ecdsa"));
  settings.known_hosts = words_of(
      value_or(values, "SSH_KNOWN_HOSTS", ssh_directory + "known_hosts /etc/ssh/ssh_known_hosts"));
  settings.use_agent = parse_yes_no(value_or(values, "SSH_AGENT", "yes")).value_or(true);
  NUBO_CHECK(read_number(values, "SSH_PORT", settings.port));
  NUBO_CHECK(read_number(values, "SSH_SESSIONS_PER_NODE", settings.sessions_per_node));
  int seconds = static_cast<int>(settings.connect_limit.count() / 1000);
  NUBO_CHECK(read_number(values, "SSH_CONNECT_SECONDS", seconds));
  settings.connect_limit = std::chrono::seconds(seconds);
  return settings;
}

}  // namespace nubo::ssh
