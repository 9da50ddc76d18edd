// SPDX-License-Identifier: Apache-2.0
// Reading VMs and what is not part of their life cycle: one.vm.info, monitoring, update, rename,
// chown, chmod, lock, unlock and one.vmpool.* (sheets api.md §7, xml.md §3.1).
#include "api/generic.h"
#include "api/monitoring_documents.h"
#include "api/vm_life.h"
#include "api/vm_lists.h"
#include "api/vm_search.h"
#include "text/trim.h"

namespace nubo::api {
namespace {

// --- pools --------------------------------------------------------------------------------------

constexpr int all_states = -2;
constexpr int all_but_done = -1;
constexpr int last_state = static_cast<int>(VmState::cloning_failure);

/// With those that are DONE.
Result<Value> whole_pool(const Context& call, VmForm form, const VmSearch& search) {
  const PoolRange range{call.args.integer(1), call.args.integer(2)};
  constexpr int all = std::numeric_limits<int>::max();
  int skipped = range.is_page() ? range.first : 0;
  int left = range.is_page() ? -std::max(range.last, -all) : all;
  VmPoolText pool(call, form);
  const auto visit = [&](const ListedVm& vm) -> Result<bool> {
    if (!search.finds_all()) {
      NUBO_TRY(const Ptr<Vm> object, vm.object());
      if (!object || !search.finds(*object)) return true;
    }
    if (skipped > 0) {
      --skipped;
      return true;
    }
    NUBO_CHECK(pool.add(vm));
    return --left > 0;
  };
  const VmSelection selection{.flag = call.args.integer(0),
                              .ids = range,
                              .has_living = call.args.integer(3) == all_states,
                              .ascends = lists_ascend(call)};
  NUBO_CHECK(for_each_vm(call, selection, visit));
  return Value(std::move(pool).whole());
}

template <VmForm form>
Result<Value> pool(const Context& call) {
  const int state = call.args.integer(3);
  if (state < all_states || state > last_state) {
    return fail(Code::api, "Incorrect state filter {}", state);
  }
  const VmSearch search(call.args.text(4));
  if (state == all_states || state == static_cast<int>(VmState::done)) {
    return whole_pool(call, form, search);
  }
  const auto wanted = [state, &search](const Vm& vm) {
    const bool has_state = state == all_but_done || static_cast<int>(vm.state) == state;
    return has_state && search.finds(vm);
  };
  NUBO_TRY(const auto entries,
           listed_entries<Vm>(call, call.args.integer(0),
                              PoolRange{call.args.integer(1), call.args.integer(2)}, wanted));
  VmPoolText pool(call, form);
  for (const Entry<Vm>* entry : entries) NUBO_CHECK(pool.add(ListedVm(*entry)));
  return Value(std::move(pool).whole());
}

/// The number that a word begins with: "22;23" is 22.
std::optional<int> leading_number(std::string_view word) {
  return parse_number<int>(word.substr(0, word.find_first_not_of("0123456789")));
}

std::set<int> ids_in(std::string_view list) {
  std::set<int> ids;
  while (!list.empty()) {
    const std::string_view each = list.substr(0, list.find(','));
    if (const auto id = leading_number(trimmed(each))) ids.insert(*id);
    list.remove_prefix(std::min(list.size(), each.size() + 1));
  }
  return ids;
}

Result<Value> pool_set(const Context& call) {
  NUBO_TRY(const Visibility visibility,
           Visibility::make(*call.snapshot, call.caller, ObjectType::vm));
  const std::set<int> ids = ids_in(call.args.text(0));
  std::vector<int> ordered(ids.begin(), ids.end());
  if (!lists_ascend(call)) std::ranges::reverse(ordered);
  VmPoolText pool(call, call.args.flag(1) ? VmForm::full : VmForm::brief);
  for (const int id : ordered) {
    const auto living = call.snapshot->pool<Vm>().entry(VmId{id});
    const ListedVm listed =
        living ? ListedVm(*living) : ListedVm(call.env.writer.archive(), VmId{id});
    NUBO_TRY(const Ptr<Vm> vm, listed.object());
    if (vm && visibility.shows(guard_of(*vm))) NUBO_CHECK(pool.add(listed));
  }
  return Value(std::move(pool).whole());
}

Result<Value> monitoring(const Context& call) {
  NUBO_TRY(const auto vm,
           permitted<Vm>(call, call.args.integer(0), Right::use, Locks::are_ignored));
  NUBO_TRY(const auto records, call.env.monitoring.read(Monitored::vm, {.object = vm->id.value}));
  return Value(monitoring_document(records));
}

Result<Value> pool_monitoring(const Context& call) {
  NUBO_TRY(const Visibility visibility,
           Visibility::make(*call.snapshot, call.caller, ObjectType::vm, call.args.integer(0)));
  const auto wanted = [&](int id) {
    const auto vm = known_vm(call, VmId{id});
    return vm && *vm && visibility.shows(guard_of(**vm));
  };
  return monitoring_of(call, Monitored::vm, wanted, call.args.integer(1));
}

/// Only for what stands before all texts of users that a document shows as they are.
void replace_first(std::string& document, std::string_view old, std::string_view text) {
  const std::size_t at = document.find(old);
  if (at != document.npos) document.replace(at, old.size(), text);
}

// --- changes ------------------------------------------------------------------------------------

Result<Value> update_user_template(Draft& draft, const Context& call) {
  const int mode = call.args.integer(2);
  if (mode != 0 && mode != 1) return fail(Code::api, "Wrong update type");
  NUBO_TRY(const auto vm, permitted_vm(draft, call, call.args.integer(0), "update"));
  if (const auto given = parse_template(call.args.text(1)); !given) {
    return fail(Code::action, "{}", given.error().message);
  }
  auto made = updated_template(call, ObjectType::vm, vm->user.unpack());
  if (!made) {
    return fail(Code::internal, "Cannot update template. {}", made.error().message);
  }
  (*draft.edit<Vm>(vm->id))->user = *std::move(made);
  if (const Status fits = draft.settle_quotas(QuotaTest::limits); !fits) {
    return fail(Code::action, "{}", fits.error().message);
  }
  return Value(vm->id.value);
}

Result<Value> rename_vm(Draft& draft, const Context& call) {
  const VmId id{call.args.integer(0)};
  const std::string& name = call.args.text(1);
  if (const Vm* known = draft.find<Vm>(id); known && known->name == name) return Value(id.value);
  NUBO_TRY(const auto vm, permitted_vm(draft, call, call.args.integer(0), "rename"));
  NUBO_CHECK(check_new_name(draft, *vm, name));
  (*draft.edit<Vm>(id))->name = name;
  return Value(id.value);
}

Result<Value> chown_vm(Draft& draft, const Context& call) {
  const Vm* vm = draft.find<Vm>(VmId{call.args.integer(0)});
  if (vm && vm->state == VmState::done) {
    return fail(Code::action, "Could not change VM ownership, wrong state");
  }
  return chown<Vm>(draft, call);
}

// --- one VM -------------------------------------------------------------------------------------

using Report = std::optional<MonitoringRecord>;

/// What the VM reported last: in memory as long as it can report more, then in the file.
Result<Report> last_report(const Context& call, const Vm& vm) {
  const MonitoringLog& log = call.env.monitoring;
  if (vm.state != VmState::done) return log.newest(Monitored::vm, vm.id.value);
  NUBO_TRY(const auto records, log.read(Monitored::vm, {.object = vm.id.value, .last = 1}));
  return records.empty() ? Report() : Report(records.front());
}

/// With what it reported last, and its scheduled actions.
std::string with_report(const Context& call, const Vm& vm, const Report& newest,
                        std::string document) {
  if (newest) {
    replace_first(document, "<LAST_POLL>0</LAST_POLL>",
                  fmt::format("<LAST_POLL>{}</LAST_POLL>", newest->time.count()));
    replace_first(document, "<MONITORING></MONITORING>", newest->body);
  }
  return with_actions(*call.snapshot, std::move(document), vm.scheduled_actions);
}

Text as_kept(const std::shared_ptr<const Entry<Vm>>& entry) {
  Text text;
  text.parts.push_back({.text = extended_document(*entry), .is_escaped = true});
  text.owners.push_back(entry);
  return text;
}

Result<Value> info_of_vm(const Context& call) {
  NUBO_TRY(const auto vm,
           permitted<Vm>(call, call.args.integer(0), Right::use, Locks::are_ignored));
  NUBO_TRY(const Report newest, last_report(call, *vm));
  const auto show = [&](const Vm& shown) {
    return Value(with_report(call, shown, newest, to_xml(Vm::root, shown, Form::shown)));
  };
  if (call.args.flag(decrypt_place) && call.caller.is_admin()) {
    return show(call.settings().secrets.revealed(*vm));
  }
  const auto entry = call.snapshot->pool<Vm>().entry(vm->id);
  if (!entry || !keeps_extended(*entry) || vm->history.list.size() > 1) return show(*vm);
  if (!newest && vm->scheduled_actions.empty()) return Value(as_kept(entry));
  return Value(with_report(call, *vm, newest, unescaped(extended_document(*entry))));
}

}  // namespace

std::vector<Call> vm_calls() {
  std::vector<Parameter> pool_and_state = pool_parameters();
  pool_and_state.push_back({"state", Type::integer});
  pool_and_state.push_back({"query", Type::text, Value("")});
  return {
      {"one.vm.info", {an_id, a_decrypt_flag}, info_of_vm},
      {"one.vm.update", {an_id, a_template, an_update_type}, update_user_template},
      {"one.vm.rename", {an_id, a_name}, rename_vm},
      {"one.vm.chown", {an_id, {"uid", Type::integer}, {"gid", Type::integer}}, chown_vm},
      {"one.vm.chmod", chmod_parameters(), chmod<Vm>},
      {"one.vm.lock", lock_parameters(), lock<Vm>},
      {"one.vm.unlock", {an_id}, unlock<Vm>},
      {"one.vm.monitoring", {an_id}, monitoring},
      {"one.vmpool.info", pool_and_state, pool<VmForm::brief>},
      {"one.vmpool.infoextended", pool_and_state, pool<VmForm::full>},
      {"one.vmpool.infoset", {{"ids", Type::text}, {"extended", Type::flag}}, pool_set},
      {"one.vmpool.monitoring",
       {{"filter", Type::integer}, {"seconds", Type::integer, Value(-1)}},
       pool_monitoring},
  };
}

}  // namespace nubo::api
