// SPDX-License-Identifier: Apache-2.0
#include "ssh/host_key.h"

#include <array>
#include <fstream>

namespace nubo::ssh {

namespace {

struct KeyType {
  int hostkey;  // what libssh2_session_hostkey() says
  int known;    // what a line of known hosts says
  std::string_view name;
};

// libssh2 1.10 signs and checks RSA with SHA-1 only, which OpenSSH no longer does: RSA is left out.
constexpr std::array key_types{
    KeyType{LIBSSH2_HOSTKEY_TYPE_ED25519, LIBSSH2_KNOWNHOST_KEY_ED25519, "ssh-ed25519"},
    KeyType{LIBSSH2_HOSTKEY_TYPE_ECDSA_256, LIBSSH2_KNOWNHOST_KEY_ECDSA_256, "ecdsa-sha2-nistp256"},
    KeyType{LIBSSH2_HOSTKEY_TYPE_ECDSA_384, LIBSSH2_KNOWNHOST_KEY_ECDSA_384, "ecdsa-sha2-nistp384"},
    KeyType{LIBSSH2_HOSTKEY_TYPE_ECDSA_521, LIBSSH2_KNOWNHOST_KEY_ECDSA_521, "ecdsa-sha2-nistp521"},
};

int check_key(LIBSSH2_KNOWNHOSTS* hosts, const std::string& node, int port, std::string_view key,
              int type) {
  return ::libssh2_knownhost_checkp(
      hosts, node.c_str(), port, key.data(), key.size(),
      LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW | type, nullptr);
}

}  // namespace

HostKeys::HostKeys(LIBSSH2_SESSION* session, const Settings& settings)
    : session_(session), settings_(settings), hosts_(::libssh2_knownhost_init(session)) {
  for (const std::string& path : settings.known_hosts) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
      ::libssh2_knownhost_readline(hosts_.get(), line.data(), line.size(),
                                   LIBSSH2_KNOWNHOST_FILE_OPENSSH);
  }
}

Result<std::string> HostKeys::known_types(const std::string& node) const {
  std::string names;
  for (const KeyType& type : key_types) {
    // No host has this key: a mismatch says that one of the same type is listed.
    if (check_key(hosts_.get(), node, settings_.port, "?", type.known) ==
        LIBSSH2_KNOWNHOST_CHECK_MISMATCH)
      names.append(names.empty() ? "" : ",").append(type.name);
  }
  if (names.empty())
    return fail(Code::internal,
                "no Ed25519 or ECDSA host key is known for {} (try: ssh-keyscan -p {} {} >> {})",
                node, settings_.port, node,
                settings_.known_hosts.empty() ? "known_hosts" : settings_.known_hosts[0]);
  return names;
}

Status HostKeys::check(const std::string& node) const {
  std::size_t length = 0;
  int shown = 0;
  const char* key = ::libssh2_session_hostkey(session_, &length, &shown);
  for (const KeyType& type : key_types) {
    if (key == nullptr || type.hostkey != shown) continue;
    if (check_key(hosts_.get(), node, settings_.port, {key, length}, type.known) ==
        LIBSSH2_KNOWNHOST_CHECK_MATCH)
      return ok();
  }
  return fail(Code::internal,
              "{} shows another host key than the known one: it was installed anew, or is not {}",
              node, node);
}

}  // namespace nubo::ssh
