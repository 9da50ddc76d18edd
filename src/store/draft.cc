// SPDX-License-Identifier: Apache-2.0
#include "store/draft.h"

namespace nubo {
namespace {

// How the "name taken" text spells the kind (sheet api.md §3, frequent causes).
std::string_view word_for(ObjectType type) {
  if (type == ObjectType::security_group) return "SecurityGroup";
  if (type == ObjectType::vdc) return "Vdc";
  if (type == ObjectType::zone) return "Zone";
  return names_of(type).acl;
}

}  // namespace

Status Draft::name_taken(ObjectType type, int holder) {
  return fail(Code::internal, "NAME is already taken by {} {}.", word_for(type), holder);
}

// All old names go before any new one comes, so that two objects can swap theirs.
template <class T>
void Draft::drop_old_names() {
  for (auto& [id, touched] : touched_map<T>()) {
    if (!touched.entry || !touched.indexed || touched.indexed == name_key(touched.entry->object)) {
      continue;
    }
    snapshot_.names().erase(T::type, touched.indexed->scope, touched.indexed->name);
    touched.indexed.reset();
  }
}

template <class T>
Status Draft::put_new_names() {
  for (auto& [id, touched] : touched_map<T>()) {
    if (!touched.entry || touched.indexed) continue;
    const auto key = name_key(touched.entry->object);
    if (!key) continue;
    NUBO_CHECK(name_is_free(touched.entry->object));
    snapshot_.names().put(T::type, key->scope, key->name, id.value);
    touched.indexed = key;
  }
  return ok();
}

Status Draft::finish() {
  NUBO_CHECK(settle_quotas(QuotaTest::nothing));
  return std::apply(
      [this]<class... T>(const std::map<IdOf<T>, Touched<T>>&...) -> Status {
        (drop_old_names<T>(), ...);
        Status status;
        ((status = status ? put_new_names<T>() : status), ...);
        return status;
      },
      touched_);
}

}  // namespace nubo
