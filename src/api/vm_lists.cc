// SPDX-License-Identifier: Apache-2.0
#include "api/vm_lists.h"

#include <algorithm>

namespace nubo::api {
namespace {

// Twice of it goes over the wire, and each worker may be at one.
constexpr std::size_t most_answered_mb = 256;

std::string make_extended_document(const void* entry) {
  return pool_document(static_cast<const Entry<Vm>*>(entry)->object);
}

std::vector<const Entry<Vm>*> living_vms(const Context& call, const VmSelection& selection,
                                         const Visibility& visibility) {
  std::vector<const Entry<Vm>*> entries;
  if (!selection.has_living) return entries;
  call.snapshot->pool<Vm>().for_each([&](const Entry<Vm>& entry) {
    const bool is_asked_for = selection.ids.holds(entry.object.id.value);
    if (is_asked_for && visibility.shows(guard_of(entry.object))) entries.push_back(&entry);
  });
  if (!selection.ascends) std::ranges::reverse(entries);
  return entries;
}

ArchiveQuery archive_query(const Context& call, const VmSelection& selection) {
  ArchiveQuery query{.started_before = selection.started_before,
                     .ended_after = selection.ended_after,
                     .ascends = selection.ascends};
  if (!selection.ids.is_page() && selection.ids.first != -1) {
    query.first = selection.ids.first;
    if (selection.ids.last >= 0) query.last = selection.ids.last;
  }
  if (selection.flag == filter_mine) query.owner = call.caller.uid;
  if (selection.flag >= 0) query.owner = UserId{selection.flag};
  return query;
}

}  // namespace

Result<Ptr<Vm>> ListedVm::object() const {
  if (living_) return Ptr<Vm>(Ptr<Vm>(), &living_->object);
  return archive_->find(id_);
}

Result<std::string> ListedVm::archived_document(VmForm form) const {
  if (form == VmForm::brief) return archive_->brief_document(id_);
  NUBO_TRY(const Ptr<Vm> vm, archive_->find(id_));
  return vm ? pool_document(*vm) : "";
}

VmPoolText::VmPoolText(const Context& call, VmForm form) : form_(form) {
  text_.owners.push_back(call.snapshot);
  text_.parts.push_back({"<VM_POOL>"});
}

Status VmPoolText::add(const ListedVm& vm) {
  if (vm.living()) {
    add_living(*vm.living());
    return ok();
  }
  NUBO_TRY(std::string document, vm.archived_document(form_));
  const auto owner = std::make_shared<const std::string>(std::move(document));
  text_.parts.push_back({*owner});
  text_.owners.push_back(owner);
  text_.own_bytes += owner->size();
  return check_answer_size(text_.own_bytes);
}

void VmPoolText::add_living(const Entry<Vm>& entry) {
  if (form_ == VmForm::brief) {
    text_.parts.push_back({.text = brief_document(entry), .is_escaped = true});
  } else if (keeps_extended(entry)) {
    text_.parts.push_back({.text = extended_document(entry), .is_escaped = true});
  } else {
    text_.parts.push_back({.make = make_extended_document, .of = &entry});
  }
}

Text VmPoolText::whole() && {
  text_.parts.push_back({"</VM_POOL>"});
  return std::move(text_);
}

Status for_each_vm(const Context& call, const VmSelection& selection,
                   const std::function<Result<bool>(const ListedVm&)>& visit) {
  NUBO_TRY(const Visibility visibility,
           Visibility::make(*call.snapshot, call.caller, ObjectType::vm, selection.flag));
  const Archive& archive = call.env.writer.archive();
  const auto living = living_vms(call, selection, visibility);
  auto next = living.begin();
  bool goes_on = true;
  const auto visit_living = [&](auto&& comes_first) -> Status {
    while (goes_on && next != living.end() && comes_first((*next)->object.id.value)) {
      NUBO_TRY(goes_on, visit(ListedVm(**next++)));
    }
    return ok();
  };
  const auto visit_done = [&](const ArchivedVm& done) -> Result<bool> {
    const Status visited = visit_living(
        [&](int id) { return selection.ascends ? id < done.id.value : id > done.id.value; });
    if (!visited) return Failure(visited.error());
    // What the snapshot has ended only after it was taken.
    if (!goes_on || call.snapshot->find<Vm>(done.id)) return goes_on;
    if (!visibility.shows(guard_of(done))) return true;
    NUBO_TRY(goes_on, visit(ListedVm(archive, done.id)));
    return goes_on;
  };
  NUBO_CHECK(archive.scan(archive_query(call, selection), visit_done));
  return visit_living([](int) { return true; });
}

Status check_answer_size(std::size_t bytes) {
  if (bytes >> 20U < most_answered_mb) return ok();
  return fail(Code::internal,
              "The answer is larger than {} MB: ask for a page, a range of ids, a user or a time",
              most_answered_mb);
}

}  // namespace nubo::api
