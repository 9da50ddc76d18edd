// SPDX-License-Identifier: Apache-2.0
// Handlers that all kinds of objects share: info, pool.info, update, rename, chmod, chown, lock,
// unlock (sheets api.md §4, objects.md §0.3-0.7). A kind that has more to do passes a hook or
// overloads info_document() and append_to_pool().
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "api/calls.h"
#include "api/context.h"
#include "api/restricted.h"
#include "model/names.h"

namespace nubo::api {

/// What T.info answers.
template <class T>
std::string info_document(const Context&, const Entry<T>& entry) {
  return entry.document;
}

std::string info_document(const Context& call, const Entry<User>& entry);
std::string info_document(const Context& call, const Entry<Group>& entry);
std::string info_document(const Context& call, const Entry<BackupJob>& entry);
std::string info_document(const Context& call, const Entry<Hook>& entry);
std::string info_document(const Context& call, const Entry<Host>& entry);
std::string info_document(const Context& call, const Entry<VirtualNetwork>& entry);

/// The document with the bodies of its scheduled actions at the end of TEMPLATE.
std::string with_actions(const Snapshot& state, std::string document,
                         const IdSet<ScheduledActionTag>& ids);

/// What stands for an object in its pool.
template <class T>
void append_to_pool(std::string& out, const Entry<T>& entry) {
  out += entry.document;
}

void append_to_pool(std::string& out, const Entry<User>& entry);
void append_to_pool(std::string& out, const Entry<Group>& entry);
void append_to_pool(std::string& out, const Entry<Host>& entry);

/// What comes behind the last object of a pool.
std::string pool_tail(const Snapshot& state, ObjectType type);

/// The entry that an info call shows: with its secrets in clear when the flag at that place of the
/// call asks for it and the caller is an admin.
template <class T>
std::shared_ptr<const Entry<T>> entry_for(const Context& call, IdOf<T> id, std::size_t flag_place) {
  auto entry = call.snapshot->pool<T>().entry(id);
  if (!call.args.flag(flag_place) || !call.caller.is_admin()) return entry;
  auto clear = std::make_shared<Entry<T>>();
  clear->object = call.settings().secrets.revealed(entry->object);
  render(*clear);
  return clear;
}

inline constexpr std::size_t decrypt_place = 1;

template <class T>
Result<Value> info(const Context& call) {
  NUBO_TRY(const auto object, permitted<T>(*call.snapshot, call, call.args.integer(0), Right::use,
                                           Locks::are_ignored));
  return Value(info_document(call, *entry_for<T>(call, object->id, decrypt_place)));
}

// --- pools --------------------------------------------------------------------------------------

/// Ids first to last, or with last < -1 a page: first is then an offset and -last the page size.
struct PoolRange {
  int first = -1;
  int last = -1;

  bool is_page() const { return last < -1; }

  bool holds(int id) const {
    if (is_page() || first == -1) return true;
    return id >= first && (last < 0 || id <= last);
  }
};

/// The order of lists for the caller: his template, his group's, the configuration.
bool lists_ascend(const Context& call);

/// The entries that a pool call shows, in its order; `wanted` picks among those that are visible.
template <class T, class Wanted>
Result<std::vector<const Entry<T>*>> listed_entries(const Context& call, int flag, PoolRange range,
                                                    Wanted&& wanted) {
  NUBO_TRY(const Visibility visibility,
           Visibility::make(*call.snapshot, call.caller, T::type, flag));
  std::vector<const Entry<T>*> entries;
  call.snapshot->pool<T>().for_each([&](const Entry<T>& entry) {
    if (range.holds(entry.object.id.value) && wanted(entry.object) &&
        visibility.shows(guard_of(entry.object))) {
      entries.push_back(&entry);
    }
  });
  if (!lists_ascend(call)) std::ranges::reverse(entries);
  if (range.is_page()) {
    const auto offset =
        std::min(entries.size(), static_cast<std::size_t>(std::max(range.first, 0)));
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(offset));
    const auto size = static_cast<std::size_t>(-static_cast<long long>(range.last));
    if (entries.size() > size) entries.resize(size);
  }
  return entries;
}

template <class T>
std::string pool_document(const Context& call, const std::vector<const Entry<T>*>& entries) {
  std::string document;
  document.reserve(entries.empty() ? 64 : entries.size() * (entries[0]->document.size() + 64));
  document.append("<").append(T::pool_root).append(">");
  for (const Entry<T>* entry : entries) append_to_pool(document, *entry);
  document += pool_tail(*call.snapshot, T::type);
  document.append("</").append(T::pool_root).append(">");
  return document;
}

template <class T>
bool any_object(const T&) {
  return true;
}

/// xpool.info with filter flag and range.
template <class T>
Result<Value> pool_info(const Context& call) {
  NUBO_TRY(const auto entries,
           listed_entries<T>(call, call.args.integer(0),
                             PoolRange{call.args.integer(1), call.args.integer(2)}, any_object<T>));
  return Value(pool_document(call, entries));
}

/// xpool.info without parameters.
template <class T>
Result<Value> whole_pool(const Context& call) {
  NUBO_TRY(const auto entries, listed_entries<T>(call, filter_all, PoolRange{}, any_object<T>));
  return Value(pool_document(call, entries));
}

// --- changes ------------------------------------------------------------------------------------

/// The right that the base operations of a kind need (objects.md §0.1).
template <class T>
inline constexpr Right base_right =
    std::is_same_v<T, Host> || std::is_same_v<T, Group> ? Right::admin : Right::manage;

/// What an update has to do besides: `object` has its new template, `before` is the old one.
template <class T>
using UpdateHook = Status (*)(Draft&, const Context&, T& object, const Template& before);

template <class T>
Status no_update_hook(Draft&, const Context&, T&, const Template&) {
  return ok();
}

/// Restricted attributes of a kind's templates.
RestrictedNames restricted_names(const Context& call, ObjectType type);

/// Code::authorization when the template of a new object holds what only admins may give.
Status check_restricted(const Context& call, ObjectType type, const Template& given);

/// The template that an update makes of the current one: parsed, merged, checked for the caller.
Result<Template> updated_template(const Context& call, ObjectType type, const Template& current);

template <class T, UpdateHook<T> hook = no_update_hook<T>>
Result<Value> update(Draft& draft, const Context& call) {
  const int mode = call.args.integer(2);
  if (mode != 0 && mode != 1) return fail(Code::api, "Wrong update type");
  NUBO_TRY(const auto object,
           permitted<T>(draft.view(), call, call.args.integer(0), base_right<T>));
  const auto cannot = [](const Error& error) {
    return fail(Code::internal, "Cannot update template. {}", error.message);
  };
  auto made = updated_template(call, T::type, object->attributes);
  if (!made) return cannot(made.error());
  NUBO_TRY(T * changed, draft.edit<T>(object->id));
  changed->attributes = *std::move(made);
  if (const Status done = hook(draft, call, *changed, object->attributes); !done) {
    if (done.error().code == Code::authorization) return Failure(done.error());
    return cannot(done.error());
  }
  return Value(object->id.value);
}

template <class T>
using RenameHook = void (*)(Draft&, const T& renamed);

template <class T>
void no_rename_hook(Draft&, const T&) {}

/// Code::action with the reason unless the object may have the name.
template <class T>
Status check_new_name(const Draft& draft, const T& object, const std::string& name) {
  if (const auto scope = name_scope(object)) {
    if (const auto holder = draft.view().names().find(T::type, *scope, name)) {
      const auto type = names_of(T::type).message;
      return fail(Code::action, "{} cannot be renamed to {} because it collides with {} {}", type,
                  name, type, *holder);
    }
  }
  const Status valid = check_name(name);
  return valid ? ok() : Status(fail(Code::action, "{}", valid.error().message));
}

template <class T, RenameHook<T> hook = no_rename_hook<T>>
Result<Value> rename(Draft& draft, const Context& call) {
  const IdOf<T> id{call.args.integer(0)};
  const std::string& name = call.args.text(1);
  if (const T* known = draft.find<T>(id); known && known->name == name) return Value(id.value);
  NUBO_TRY(const auto object, permitted<T>(draft.view(), call, id.value, base_right<T>));
  NUBO_CHECK(check_new_name(draft, *object, name));
  NUBO_TRY(T * changed, draft.edit<T>(id));
  changed->name = name;
  hook(draft, *changed);
  return Value(id.value);
}

/// Nine bits from the call's arguments over the current ones; -1 keeps. Code::internal.
Result<Permissions> new_permissions(const Args& args, const Permissions& current);
/// The right that a change of bits needs; Code::authorization when "other" bits are closed.
Result<Right> chmod_right(const Context& call, const Permissions& before, const Permissions& after);

/// The bits of the call's arguments for that object, when the caller may change it so.
template <class T>
Status change_permissions(Draft& draft, const Context& call, IdOf<T> id) {
  NUBO_TRY(const T* const object, draft.get<T>(id));
  NUBO_TRY(const Permissions bits, new_permissions(call.args, object->permissions));
  NUBO_TRY(const Right right, chmod_right(call, object->permissions, bits));
  NUBO_CHECK(authorize(draft.view(), call, {{right, guard_of(*object)}}));
  NUBO_TRY(T * changed, draft.edit<T>(object->id));
  changed->permissions = bits;
  return ok();
}

template <class T>
Result<Value> chmod(Draft& draft, const Context& call) {
  NUBO_CHECK(change_permissions<T>(draft, call, IdOf<T>{call.args.integer(0)}));
  return Value(call.args.integer(0));
}

/// The new owner and group of a chown; null where the old one stays.
struct NewOwner {
  Ptr<User> user;
  Ptr<Group> group;
};

/// Code::no_exists, and Code::authorization unless the caller has `right` on the object and the
/// rights on the new owner and group.
Result<NewOwner> new_owner(const Draft& draft, const Context& call, const Owned& object,
                           const AuthRequest& request);

template <class T>
Result<Value> chown(Draft& draft, const Context& call) {
  NUBO_TRY(const T* const object, draft.get<T>(IdOf<T>{call.args.integer(0)}));
  NUBO_TRY(const NewOwner to, new_owner(draft, call, *object, {base_right<T>, guard_of(*object)}));
  NUBO_TRY(T * changed, draft.edit<T>(object->id));
  if (to.user) {
    changed->uid = to.user->id;
    changed->uname = to.user->name;
    if (const auto scope = name_scope(*changed); scope && *scope == changed->uid.value) {
      if (const auto holder = draft.view().names().find(T::type, *scope, changed->name)) {
        return fail(Code::internal, "user [{}] already owns {} [{}] with NAME {}", *scope,
                    names_of(T::type).message, *holder, changed->name);
      }
    }
  }
  if (to.group) {
    changed->gid = to.group->id;
    changed->gname = to.group->name;
  }
  return Value(object->id.value);
}

/// The lock that the call's level and test flag make. Code::action.
Result<Lock> new_lock(const Draft& draft, const Context& call, const std::optional<Lock>& current);
/// Code::action unless the caller may take the lock off.
Status check_unlock(const Context& call, const std::optional<Lock>& current);

template <class T>
Result<Value> lock(Draft& draft, const Context& call) {
  NUBO_TRY(const auto object, permitted<T>(draft, call, call.args.integer(0), Right::manage,
                                           Locks::are_ignored));
  NUBO_TRY(const Lock made, new_lock(draft, call, object->lock));
  NUBO_TRY(T * changed, draft.edit<T>(object->id));
  changed->lock = made;
  return Value(object->id.value);
}

template <class T>
Result<Value> unlock(Draft& draft, const Context& call) {
  NUBO_TRY(const auto object, permitted<T>(draft, call, call.args.integer(0), Right::manage,
                                           Locks::are_ignored));
  NUBO_CHECK(check_unlock(call, object->lock));
  NUBO_TRY(T * changed, draft.edit<T>(object->id));
  changed->lock.reset();
  return Value(object->id.value);
}

/// Takes an object out together with the rules and VDC entries that name it (objects.md §0.10).
void forget_rules_on(Draft& draft, ObjectType type, int id);

template <class T>
void erase_object(Draft& draft, IdOf<T> id) {
  forget_rules_on(draft, T::type, id.value);
  draft.erase<T>(id);
}

/// "Cannot delete host. <cause>"
template <class T>
Failure cannot_delete(std::string_view cause) {
  return fail(Code::action, "Cannot delete {}. {}", names_of(T::type).message, cause);
}

// --- rows ---------------------------------------------------------------------------------------

/// The parameters of chown, chmod, of pool calls with filter and range.
std::vector<Parameter> chown_parameters();
std::vector<Parameter> chmod_parameters();
std::vector<Parameter> pool_parameters();
std::vector<Parameter> lock_parameters();

}  // namespace nubo::api
