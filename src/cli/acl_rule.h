// SPDX-License-Identifier: Apache-2.0
// ACL rules as people write them, "@1 VM+IMAGE/* CREATE #0", and as the API takes them: four hex
// numbers (sheet objects.md §6.5). Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nubo::cli {

struct AclRule {
  std::string user;
  std::string resource;
  std::string rights;
  std::string zone;  // "": the daemon's own zone
};

struct AclType {
  const char* name;  // "VM"
  char letter;       // of the list's RES column
  unsigned long long bit;
};

inline constexpr std::array acl_types{
    AclType{"VM", 'V', 0x1000000000},
    AclType{"HOST", 'H', 0x2000000000},
    AclType{"NET", 'N', 0x4000000000},
    AclType{"IMAGE", 'I', 0x8000000000},
    AclType{"USER", 'U', 0x10000000000},
    AclType{"TEMPLATE", 'T', 0x20000000000},
    AclType{"GROUP", 'G', 0x40000000000},
    AclType{"DATASTORE", 'D', 0x100000000000},
    AclType{"CLUSTER", 'C', 0x200000000000},
    AclType{"DOCUMENT", 'O', 0x400000000000},
    AclType{"ZONE", 'Z', 0x800000000000},
    AclType{"SECGROUP", 'S', 0x1000000000000},
    AclType{"VDC", 'v', 0x2000000000000},
    AclType{"VROUTER", 'R', 0x4000000000000},
    AclType{"MARKETPLACE", 'M', 0x8000000000000},
    AclType{"MARKETPLACEAPP", 'A', 0x10000000000000},
    AclType{"VMGROUP", 'P', 0x20000000000000},
    AclType{"VNTEMPLATE", 't', 0x40000000000000},
    AclType{"BACKUPJOB", 'B', 0x100000000000000},
};

struct AclRight {
  const char* name;
  char letter;
  unsigned long long bit;
};

inline constexpr std::array acl_rights{AclRight{"USE", 'u', 1}, AclRight{"MANAGE", 'm', 2},
                                       AclRight{"ADMIN", 'a', 4}, AclRight{"CREATE", 'c', 8}};

/// Code::api with what is wrong: a missing part, an unknown type or right.
Result<AclRule> parse_acl_rule(std::string_view text);

}  // namespace nubo::cli
