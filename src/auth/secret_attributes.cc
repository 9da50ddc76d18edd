// SPDX-License-Identifier: Apache-2.0
#include "auth/secret_attributes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/digest.h"

namespace nubo {
namespace {

struct Kind {
  ObjectType type;
  const char* list;
};

constexpr std::array kinds{Kind{ObjectType::vm, "VM_ENCRYPTED_ATTR"},
                           Kind{ObjectType::vm_template, "VM_ENCRYPTED_ATTR"},
                           Kind{ObjectType::image, "IMAGE_ENCRYPTED_ATTR"},
                           Kind{ObjectType::host, "HOST_ENCRYPTED_ATTR"},
                           Kind{ObjectType::datastore, "DATASTORE_ENCRYPTED_ATTR"},
                           Kind{ObjectType::network, "VNET_ENCRYPTED_ATTR"},
                           Kind{ObjectType::cluster, "CLUSTER_ENCRYPTED_ATTR"},
                           Kind{ObjectType::user, "USER_ENCRYPTED_ATTR"},
                           Kind{ObjectType::document, "DOCUMENT_ENCRYPTED_ATTR"}};

}  // namespace

SecretAttributes::SecretAttributes(const Template& config) : key_(config.get("ONE_KEY")) {
  if (key_.empty()) return;
  for (const Kind& kind : kinds) {
    for (const Attribute& each : config) {
      const std::string* name = each.name == kind.list ? each.single() : nullptr;
      if (!name || name->empty()) continue;
      const std::size_t slash = name->find('/');
      names_[kind.type].push_back(
          {name->substr(0, slash), slash == std::string::npos ? "" : name->substr(slash + 1)});
    }
  }
}

void SecretAttributes::change(ObjectType type, Template& attributes, Way way) const {
  const auto names = names_.find(type);
  if (names == names_.end()) return;
  for (const Name& name : names->second) {
    if (attributes.contains(name.attribute)) change(name, attributes, way);
  }
}

void SecretAttributes::change(ObjectType type, PackedTemplate& attributes, Way way) const {
  const auto names = names_.find(type);
  const auto is_there = [&](const Name& name) { return attributes.contains(name.attribute); };
  if (names == names_.end() || std::ranges::none_of(names->second, is_there)) return;
  Template all = attributes.unpack();
  change(type, all, way);
  attributes = all;
}

void SecretAttributes::change(const Name& name, Template& attributes, Way way) const {
  for (Attribute& each : attributes.take(name.attribute)) {
    const std::string* single = name.key.empty() ? each.single() : nullptr;
    if (single && !single->empty()) each.value = (this->*way)(*single);
    Vector* const vector = name.key.empty() ? nullptr : each.vector();
    if (vector && !vector->get(name.key).empty()) {
      vector->set(name.key, (this->*way)(vector->get(name.key)));
    }
    attributes.add(std::move(each));
  }
}

std::string SecretAttributes::concealed(const std::string& value) const {
  return decrypt_value(value, key_) ? value : encrypt_value(value, key_);
}

std::string SecretAttributes::clear(const std::string& value) const {
  return decrypt_value(value, key_).value_or(value);
}

}  // namespace nubo
