// SPDX-License-Identifier: Apache-2.0
// SecretAttributes: template attributes that are stored encrypted (sheet objects.md §11.1): which
// ones oned.conf names in X_ENCRYPTED_ATTR, with the key ONE_KEY. Documents show them as they are
// stored; drivers and, on demand, admins get them in clear. Immutable; any thread.
#pragma once

#include <concepts>
#include <map>
#include <string>
#include <vector>

#include "model/vm.h"
#include "text/template.h"

namespace nubo {

class SecretAttributes {
 public:
  /// None.
  SecretAttributes() = default;
  /// Those of oned.conf; none without ONE_KEY.
  explicit SecretAttributes(const Template& config);

  /// Encrypts what is secret and does not look encrypted already.
  template <class T>
  void conceal(T& object) const {
    change(object, &SecretAttributes::concealed);
  }

  /// The object with its secrets in clear.
  template <class T>
  T revealed(T object) const {
    change(object, &SecretAttributes::clear);
    return object;
  }

 private:
  using Way = std::string (SecretAttributes::*)(const std::string&) const;

  struct Name {
    std::string attribute;
    std::string key;  // within a vector; empty: a single attribute
  };

  template <class T>
  void change(T& object, Way way) const {
    if constexpr (std::same_as<T, Vm>) {
      change(T::type, object.system, way);
      change(T::type, object.user, way);
    } else if constexpr (requires {
                           { object.attributes } -> std::same_as<Template&>;
                         }) {
      change(T::type, object.attributes, way);
    }
  }

  void change(ObjectType type, Template& attributes, Way way) const;
  void change(ObjectType type, PackedTemplate& attributes, Way way) const;
  void change(const Name& name, Template& attributes, Way way) const;
  std::string concealed(const std::string& value) const;
  std::string clear(const std::string& value) const;

  std::map<ObjectType, std::vector<Name>> names_;
  std::string key_;
};

}  // namespace nubo
