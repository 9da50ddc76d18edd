// SPDX-License-Identifier: Apache-2.0
// The kinds of objects: their ACL bits, the words of ACL rules and of messages (sheets objects.md
// §0.1, api.md §3).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nubo {

enum class ObjectType : std::uint64_t {
  vm = 0x1000000000,
  host = 0x2000000000,
  network = 0x4000000000,
  image = 0x8000000000,
  user = 0x10000000000,
  vm_template = 0x20000000000,
  group = 0x40000000000,
  acl = 0x80000000000,
  datastore = 0x100000000000,
  cluster = 0x200000000000,
  document = 0x400000000000,
  zone = 0x800000000000,
  security_group = 0x1000000000000,
  vdc = 0x2000000000000,
  virtual_router = 0x4000000000000,
  marketplace = 0x8000000000000,
  marketplace_app = 0x10000000000000,
  vm_group = 0x20000000000000,
  network_template = 0x40000000000000,
  hook = 0x80000000000000,
  backup_job = 0x100000000000000,
  scheduled_action = 0x200000000000000,
};

struct ObjectTypeNames {
  ObjectType type;
  std::string_view acl;      // "NET": in ACL rules and authorization texts
  std::string_view message;  // "virtual network": in all other messages
};

inline constexpr std::array object_type_names{
    ObjectTypeNames{ObjectType::vm, "VM", "virtual machine"},
    ObjectTypeNames{ObjectType::host, "HOST", "host"},
    ObjectTypeNames{ObjectType::network, "NET", "virtual network"},
    ObjectTypeNames{ObjectType::image, "IMAGE", "image"},
    ObjectTypeNames{ObjectType::user, "USER", "user"},
    ObjectTypeNames{ObjectType::vm_template, "TEMPLATE", "virtual machine template"},
    ObjectTypeNames{ObjectType::group, "GROUP", "group"},
    ObjectTypeNames{ObjectType::acl, "ACL", "ACL"},
    ObjectTypeNames{ObjectType::datastore, "DATASTORE", "datastore"},
    ObjectTypeNames{ObjectType::cluster, "CLUSTER", "cluster"},
    ObjectTypeNames{ObjectType::document, "DOCUMENT", "document"},
    ObjectTypeNames{ObjectType::zone, "ZONE", "zone"},
    ObjectTypeNames{ObjectType::security_group, "SECGROUP", "security group"},
    ObjectTypeNames{ObjectType::vdc, "VDC", "VDC"},
    ObjectTypeNames{ObjectType::virtual_router, "VROUTER", "virtual router"},
    ObjectTypeNames{ObjectType::marketplace, "MARKETPLACE", "marketplace"},
    ObjectTypeNames{ObjectType::marketplace_app, "MARKETPLACEAPP", "marketplaceapp"},
    ObjectTypeNames{ObjectType::vm_group, "VMGROUP", "vm group"},
    ObjectTypeNames{ObjectType::network_template, "VNTEMPLATE", "virtual network template"},
    ObjectTypeNames{ObjectType::hook, "HOOK", "hook"},
    ObjectTypeNames{ObjectType::backup_job, "BACKUPJOB", "backup job"},
    ObjectTypeNames{ObjectType::scheduled_action, "SCHEDULEDACTION", "scheduled action"},
};

constexpr const ObjectTypeNames& names_of(ObjectType type) {
  std::size_t place = 0;
  while (object_type_names[place].type != type) ++place;
  return object_type_names[place];
}

}  // namespace nubo
