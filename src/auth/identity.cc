// SPDX-License-Identifier: Apache-2.0
#include "auth/identity.h"

#include <charconv>

namespace nubo {
namespace {

unsigned umask_of(const User& user, unsigned otherwise) {
  const std::string& text = user.attributes.get("UMASK");
  unsigned mask = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mask, 8);
  return error == std::errc{} && end == text.data() + text.size() ? mask : otherwise;
}

}  // namespace

Identity identity_of(const Snapshot& snapshot, const User& user, const AuthSettings& settings,
                     GroupId egid) {
  Identity identity{.uid = user.id,
                    .gid = user.gid,
                    .groups = user.groups,
                    .uname = user.name,
                    .gname = user.gname,
                    .umask = umask_of(user, settings.default_umask),
                    .vm_operations = settings.vm_operations};
  if (!egid.is_set()) return identity;
  identity.gid = egid;
  identity.groups = {egid};
  const auto group = snapshot.find<Group>(egid);
  identity.gname = group ? group->name : "";
  return identity;
}

Permissions initial_permissions(const Identity& caller, const AuthSettings& settings) {
  const bool is_root = caller.uid == oneadmin_user || caller.gid == oneadmin_group;
  const unsigned base = is_root ? 0777 : settings.enable_other_permissions ? 0666 : 0660;
  return Permissions::from_mode(base & ~caller.umask);
}

}  // namespace nubo
