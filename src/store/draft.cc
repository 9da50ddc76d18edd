// SPDX-License-Identifier: Apache-2.0
#include "store/draft.h"

#include <limits>

#include "base/log.h"
#include "store/archive.h"

namespace nubo {
namespace {

// How the "name taken" text spells the kind (sheet api.md §3, frequent causes).
std::string_view word_for(ObjectType type) {
  if (type == ObjectType::security_group) return "SecurityGroup";
  if (type == ObjectType::vdc) return "Vdc";
  if (type == ObjectType::zone) return "Zone";
  if (type == ObjectType::vm_group) return "VMGroup";
  if (type == ObjectType::network_template) return "VN TEMPLATE";
  if (type == ObjectType::hook) return "Hook";
  if (type == ObjectType::backup_job) return "BACKUP JOB";
  return names_of(type).acl;
}

}  // namespace

Draft::Draft(Snapshot start, const Counters& counters, EpochSeconds now,
             const QuotaMetrics& metrics)
    : snapshot_(std::move(start)), counters_(counters), now_(now), metrics_(metrics) {}

Draft::~Draft() = default;

void Draft::recall(VmId id) const {
  if (!archive_ || id.value < 0 || snapshot_.pool<Vm>().entry(id)) return;
  const auto found = archive_->find(id);
  if (!found) return log_error("store", "VM {}: {}", id, found.error().message);
  if (!*found) return;
  snapshot_.pool<Vm>().put(entry_of(**found));
  recalled_.push_back(id);
}

template <class T>
std::optional<NameKey> Draft::name_key(const T& object) {
  if constexpr (requires { object.name; }) {
    if (const auto scope = name_scope(object)) return NameKey{*scope, object.name};
  }
  return {};
}

template <class T>
Status Draft::name_is_free(const T& object) const {
  const auto key = name_key(object);
  if (!key) return ok();
  const auto holder = snapshot_.names().find(T::type, key->scope, key->name);
  return !holder ? ok() : name_taken(T::type, *holder);
}

template <class T>
Result<T*> Draft::edit(IdOf<T> id) {
  auto& touched = touched_map<T>();
  if (const auto known = touched.find(id); known != touched.end() && known->second.entry) {
    return &known->second.entry->object;
  }
  if constexpr (std::is_same_v<T, Vm>) recall(id);
  const auto found = snapshot_.pool<T>().entry(id);
  if (!found) return no_such(names_of(T::type).message, id.value);
  auto entry = entry_of(found->object);
  touched[id] = {entry, found, name_key(entry->object)};
  snapshot_.pool<T>().put(entry);
  return &entry->object;
}

template <class T>
Result<IdOf<T>> Draft::insert(T object) {
  int& last = counters_[KindIndex<T>::value];
  if (last == std::numeric_limits<int>::max()) {
    return fail(Code::allocate, "all ids of type {} are used up", names_of(T::type).message);
  }
  NUBO_CHECK(name_is_free(object));
  object.id = IdOf<T>{last + 1};
  auto entry = entry_of(std::move(object));
  const IdOf<T> id = entry->object.id;
  const auto key = name_key(entry->object);
  if (key) snapshot_.names().put(T::type, key->scope, key->name, id.value);
  if constexpr (std::is_same_v<T, Effect>) snapshot_.effects().put(entry->object);
  touched_map<T>()[id] = {entry, nullptr, key};
  snapshot_.pool<T>().put(std::move(entry));
  ++last;
  return id;
}

template <class T>
void Draft::erase(IdOf<T> id) {
  const auto found = snapshot_.pool<T>().entry(id);
  if (!found) return;
  auto& touched = touched_map<T>();
  const auto known = touched.find(id);
  const auto key = known == touched.end() ? name_key(found->object) : known->second.indexed;
  if (key) snapshot_.names().erase(T::type, key->scope, key->name);
  if constexpr (std::is_same_v<T, Effect>) snapshot_.effects().erase(found->object);
  touched[id] = {nullptr, known == touched.end() ? found : known->second.before, {}};
  snapshot_.pool<T>().erase(id);
}

Result<EffectId> Draft::emit(Effect effect) {
  effect.since = now_;
  return insert(std::move(effect));
}

namespace {

template <class... T>
constexpr auto members_of(std::type_identity<std::tuple<T...>>) {
  return std::tuple{&Draft::edit<T>..., &Draft::insert<T>..., &Draft::erase<T>...};
}

// Names the members of all kinds, so that they are compiled here and everybody links to them.
[[gnu::used]] constexpr auto compiled_here = members_of(std::type_identity<ObjectKinds>{});

}  // namespace

Status Draft::name_taken(ObjectType type, int holder) {
  const bool is_of_market = type == ObjectType::marketplace || type == ObjectType::marketplace_app;
  return fail(Code::internal, "NAME is already taken by {} {}{}", word_for(type), holder,
              is_of_market ? "" : ".");
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
