// SPDX-License-Identifier: Apache-2.0
#include "api/restricted.h"

#include <algorithm>

namespace nubo::api {
namespace {

// All values that an entry has in a template, sorted.
std::vector<std::string> values_of(const std::string& entry, const Template& attributes) {
  std::vector<std::string> values;
  const std::size_t slash = entry.find('/');
  const std::string name = entry.substr(0, slash);
  for (const Attribute& attribute : attributes) {
    if (attribute.name != name) continue;
    const Vector* vector = attribute.vector();
    if (slash == std::string::npos) {
      if (const std::string* single = attribute.single()) values.push_back(*single);
      if (vector) {
        for (const auto& [key, value] : *vector) values.push_back(key + "=" + value);
      }
    } else if (const std::string key = entry.substr(slash + 1); vector && vector->contains(key)) {
      values.push_back(vector->get(key));
    }
  }
  std::ranges::sort(values);
  return values;
}

bool is_single(const std::string& entry, const Template& attributes) {
  return std::ranges::any_of(attributes, [&entry](const Attribute& attribute) {
    return attribute.name == entry && attribute.single();
  });
}

}  // namespace

std::string first_restricted(const RestrictedNames& names, const Template& given) {
  const auto found = std::ranges::find_if(
      names, [&given](const std::string& name) { return !values_of(name, given).empty(); });
  return found == names.end() ? "" : *found;
}

std::string changed_restricted(const RestrictedNames& names, const Template& current,
                               const Template& given) {
  for (const std::string& name : names) {
    const auto values = values_of(name, given);
    if (!values.empty() && values != values_of(name, current)) return name.substr(0, name.find('/'));
  }
  return "";
}

Status check_append(const RestrictedNames& names, const Template& current, const Template& given) {
  const std::string changed = changed_restricted(names, current, given);
  if (changed.empty()) return ok();
  return fail(Code::internal, "User Template includes a restricted attribute {}", changed);
}

Status carry_over(const RestrictedNames& names, const Template& current, Template& given) {
  for (const std::string& name : names) {
    if (is_single(name, current) && !given.contains(name)) given.set(name, current.get(name));
    if (values_of(name, given) != values_of(name, current)) {
      return fail(Code::internal, "Tried to change restricted attribute: {}", name);
    }
  }
  return ok();
}

}  // namespace nubo::api
