// SPDX-License-Identifier: Apache-2.0
#include "flow/vm_outcome.h"

#include <fmt/core.h>

#include <array>
#include <cctype>
#include <string>

#include "base/dates.h"
#include "base/utf8.h"
#include "flow/vm_step.h"

namespace nubo {
namespace {

constexpr std::size_t longest_error = 100;

/// "vmm.deploy" → DEPLOY; all transfers are one message (vm-lifecycle.md §2.6, §2.8).
std::string message_name(const std::string& operation) {
  if (operation.starts_with("tm.")) return "TRANSFER";
  std::string name = operation.substr(operation.find('.') + 1);
  if (name.starts_with("cleanup")) name = "cleanup";
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

void note_error(Draft& draft, Vm& vm, const Effect& effect, const std::string& error) {
  if (error.empty() || error.starts_with('-')) return;
  std::string text = fmt::format("{}: {}", message_name(effect.operation), error);
  if (text.size() > longest_error) {
    text.resize(valid_utf8_prefix(std::string_view(text).substr(0, longest_error)));
    text += "... see the VM log for more details";
  }
  vm.user.set("ERROR", fmt::format("{}: {}", date_text(draft.now()), text));
}

bool changes_no_state(VmOperation operation) {
  return operation == VmOperation::vmm_reboot || operation == VmOperation::vmm_reset;
}

/// A guest that is restored stays the one that was deployed.
void learn_deploy_id(Vm& vm, const Effect& effect, const OperationOutcome& outcome) {
  const auto told = outcome.data.find("deploy_id");
  if (told == outcome.data.end() || told->second.empty()) return;
  const bool is_known = operation_named(effect.operation) == VmOperation::vmm_restore;
  if (!is_known || vm.deploy_id.empty()) vm.deploy_id = told->second;
}

/// What the ends of changes (vm_change.h) find there.
void note_answers(Draft& draft, const Effect& effect, const OperationOutcome& outcome) {
  const auto stored = draft.edit<Effect>(effect.id);
  if (!stored) return;
  for (const auto& [name, value] : outcome.data) (*stored)->arguments.set(name, value);
}

}  // namespace

Status finish_vm_operation(Draft& draft, const Effect& effect, const OperationOutcome& outcome) {
  const VmId id{effect.object};
  const auto found = draft.edit<Vm>(id);
  if (!found || (*found)->state != VmState::active) return ok();
  Vm& vm = **found;
  if (!outcome.good) note_error(draft, vm, effect, outcome.error);
  if (changes_no_state(operation_named(effect.operation))) return ok();
  if (outcome.good) note_answers(draft, effect, outcome);
  learn_deploy_id(vm, effect, outcome);
  return step(draft, id, outcome_event(vm, outcome.good));
}

}  // namespace nubo
