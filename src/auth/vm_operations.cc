// SPDX-License-Identifier: Apache-2.0
#include "auth/vm_operations.h"

#include <algorithm>
#include <array>
#include <optional>

namespace nubo {
namespace {

struct List {
  const char* attribute;
  Right right;
  std::string_view shipped;
};

constexpr std::array lists{
    List{"VM_ADMIN_OPERATIONS", Right::admin,
         "migrate, delete, recover, retry, deploy, resched, backup, restore"},
    List{"VM_MANAGE_OPERATIONS", Right::manage,
         "undeploy, hold, release, stop, suspend, resume, reboot, poweroff, disk-attach, "
         "nic-attach, disk-snapshot, terminate, disk-resize, snapshot, updateconf, rename, resize, "
         "update, disk-saveas, sched-action, sg-attach, pci-attach, exec, vmgroup"},
    List{"VM_USE_OPERATIONS", Right::use, ""}};

/// Calls `f` for each word until it answers true; whether one did.
template <class F>
bool any_word(std::string_view text, F&& f) {
  constexpr std::string_view between = ", \t\n";
  while (true) {
    const std::size_t start = text.find_first_not_of(between);
    if (start == std::string_view::npos) return false;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find_first_of(between));
    if (f(word)) return true;
    text.remove_prefix(word.size());
  }
}

bool has_word(std::string_view text, std::string_view wanted) {
  return any_word(text, [wanted](std::string_view word) { return word == wanted; });
}

std::optional<Right> right_in(const Template& attributes, std::string_view word) {
  for (const List& list : lists) {
    if (has_word(attributes.get(list.attribute), word)) return list.right;
  }
  return {};
}

bool is_known(std::string_view word) {
  return std::ranges::any_of(lists,
                             [word](const List& list) { return has_word(list.shipped, word); });
}

}  // namespace

Right vm_operation_right(const Snapshot& snapshot, const Identity& caller, std::string_view word,
                         Right otherwise) {
  if (const auto user = snapshot.find<User>(caller.uid)) {
    if (const auto right = right_in(user->attributes, word)) return *right;
  }
  if (const auto group = snapshot.find<Group>(caller.gid)) {
    if (const auto right = right_in(group->attributes, word)) return *right;
  }
  if (caller.vm_operations) return right_in(*caller.vm_operations, word).value_or(otherwise);
  for (const List& list : lists) {
    if (has_word(list.shipped, word)) return list.right;
  }
  return otherwise;
}

Status check_vm_operations(const Template& attributes) {
  std::string unknown;
  for (const List& list : lists) {
    any_word(attributes.get(list.attribute), [&unknown](std::string_view word) {
      if (!is_known(word)) unknown = word;
      return !unknown.empty();
    });
  }
  if (unknown.empty()) return ok();
  return fail(Code::internal, "Unknown vm operation: {}", unknown);
}

}  // namespace nubo
