// SPDX-License-Identifier: Apache-2.0
#include "flow/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "auth/authorization.h"
#include "base/base64.h"
#include "flow/variable_scanner.h"

namespace nubo {
namespace {

constexpr std::string_view whole_document = "TEMPLATE";

template <class T>
std::string document_of(const T& object) {
  return base64_encode(to_xml(T::root, object, Form::shown));
}

/// The attribute, or the whole document for KEY = TEMPLATE.
template <class T>
std::string value_of(const T& object, std::string_view key) {
  return key == whole_document ? document_of(object) : object.attributes.get(key);
}

bool matches(const Vector& vector, const Vector& selectors) {
  return std::ranges::all_of(selectors, [&vector](const auto& selector) {
    return vector.get(selector.first) == selector.second;
  });
}

const Vector* first_match(const Vm& vm, std::initializer_list<const char*> names,
                          const Vector& selectors) {
  for (const char* name : names) {
    for (const Vector* vector : vm.system.vectors(name)) {
      if (matches(*vector, selectors)) return vector;
    }
  }
  return nullptr;
}

template <class T>
Ptr<T> object_behind(const Vector* device, const char* id_key, const Snapshot& world) {
  const auto id = device ? device->number<int>(id_key) : std::nullopt;
  return id ? world.find<T>(IdOf<T>{*id}) : nullptr;
}

class Substitution {
 public:
  Substitution(const Vm& vm, const Snapshot& world) : vm_(vm), world_(world) {}

  Result<std::string> value(const Variable& variable) const {
    if (!variable.has_bracket) return single(variable.name);
    if (variable.name == "FILE") return fail(Code::internal, "FILE names no value");
    if (variable.key.empty()) return fail(Code::internal, "{} lacks a key", variable.name);
    if (variable.name == "NETWORK") return network(variable);
    if (variable.name == "IMAGE") return image(variable);
    if (variable.name == "USER") return user(variable);
    const Vector* vector = first_match(vm_, {variable.name.c_str()}, variable.selectors);
    return vector ? vector->get(variable.key) : "";
  }

 private:
  std::string single(const std::string& name) const {
    if (name == whole_document) return document_of(vm_);
    if (name == "UID") return std::to_string(vm_.uid.value);
    if (name == "GID") return std::to_string(vm_.gid.value);
    if (name == "UNAME") return vm_.uname;
    if (name == "GNAME") return vm_.gname;
    if (name == "NAME") return vm_.name;
    return vm_.system.contains(name) ? vm_.system.get(name) : vm_.user.get(name);
  }

  Result<std::string> network(const Variable& variable) const {
    const Vector* nic = first_match(vm_, {"NIC", "NIC_ALIAS", "PCI"}, variable.selectors);
    const auto network = object_behind<VirtualNetwork>(nic, "NETWORK_ID", world_);
    if (!network) return fail(Code::internal, "The VM uses no such network");
    const auto range =
        std::ranges::find_if(network->address_ranges.ranges, [nic](const AddressRange& each) {
          return each.attributes.get("AR_ID") == nic->get("AR_ID");
        });
    const bool has_range = range != network->address_ranges.ranges.end();
    if (has_range && range->attributes.contains(variable.key)) {
      return range->attributes.get(variable.key);
    }
    return value_of(*network, variable.key);
  }

  Result<std::string> image(const Variable& variable) const {
    const Vector* disk = first_match(vm_, {"DISK"}, variable.selectors);
    const auto image = object_behind<Image>(disk, "IMAGE_ID", world_);
    if (!image) return fail(Code::internal, "The VM uses no such image");
    return value_of(*image, variable.key);
  }

  std::string user(const Variable& variable) const {
    const auto owner = world_.find<User>(vm_.uid);
    return owner ? value_of(*owner, variable.key) : "";
  }

  const Vm& vm_;
  const Snapshot& world_;
};

Result<UserId> file_owner(const Vector& selectors, const Vm& vm, const Snapshot& world) {
  if (const auto uid = selectors.number<int>("IMAGE_UID")) return UserId{*uid};
  const std::string& name = selectors.get("IMAGE_UNAME");
  if (name.empty()) return vm.uid;
  if (const auto uid = world.names().find(ObjectType::user, -1, name)) return UserId{*uid};
  return fail(Code::internal, "There is no user {}", name);
}

Result<Ptr<Image>> named_file(const Vector& selectors, const Vm& vm, const Snapshot& world) {
  if (selectors.contains("IMAGE_ID")) {
    if (auto image = object_behind<Image>(&selectors, "IMAGE_ID", world)) return image;
    return fail(Code::internal, "There is no image {}", selectors.get("IMAGE_ID"));
  }
  NUBO_TRY(const UserId owner, file_owner(selectors, vm, world));
  const std::string& name = selectors.get("IMAGE");
  const auto id = world.names().find(ObjectType::image, owner.value, name);
  if (id) return world.find<Image>(ImageId{*id});
  return fail(
      Code::internal,
      "User {} does not own an image with name: {} . Set IMAGE_UNAME or IMAGE_UID of owner.", owner,
      name);
}

Status check_file(const Image& image, ImageType type, const Vm& vm, const Snapshot& world) {
  if (image.kind != type) return fail(Code::internal, "Image {} has another type", image.name);
  if (image.state != ImageState::ready) {
    return fail(Code::internal, "Image {} is not ready", image.name);
  }
  const auto owner = world.find<User>(vm.uid);
  if (!owner) return no_such("user", vm.uid.value);
  return authorize(world, identity_of(world, *owner, {}), {{Right::use, guard_of(image)}});
}

}  // namespace

Result<std::string> substitute_variables(std::string_view text, const Vm& vm,
                                         const Snapshot& world) {
  std::string substituted;
  const Substitution substitution(vm, world);
  VariableScanner scanner(text);
  while (true) {
    NUBO_TRY(const std::string_view plain, scanner.plain());
    substituted.append(plain);
    NUBO_TRY(const auto variable, scanner.variable());
    if (!variable) return substituted;
    const Result<std::string> value = substitution.value(*variable);
    if (!value) return cannot_parse(text, value.error().message);
    substituted.append(*value);
  }
}

Result<std::vector<Ptr<Image>>> named_files(std::string_view text, ImageType type, const Vm& vm,
                                            const Snapshot& world) {
  std::vector<Ptr<Image>> files;
  VariableScanner scanner(text);
  while (true) {
    NUBO_CHECK(scanner.plain());
    NUBO_TRY(const auto variable, scanner.variable());
    if (!variable) return files;
    if (variable->name != "FILE") return cannot_parse(text, "Only $FILE[...] can stand here");
    const Result<Ptr<Image>> file = named_file(variable->selectors, vm, world);
    if (!file) return cannot_parse(text, file.error().message);
    if (const Status usable = check_file(**file, type, vm, world); !usable) {
      return cannot_parse(text, usable.error().message);
    }
    files.push_back(*file);
  }
}

}  // namespace nubo
