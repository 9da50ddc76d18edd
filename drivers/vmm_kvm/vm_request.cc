// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/vm_request.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/numbers.h"

namespace nubo::kvm {

using driver::Context;
using driver::Request;

std::string argument(const Request& request, std::string_view name) {
  const auto found = request.args.find(name);
  return found == request.args.end() ? std::string() : found->second;
}

Result<XmlDocument> document(const Request& request, std::string_view name) {
  const std::string text = argument(request, name);
  auto parsed = XmlDocument::parse(text.empty() ? "<EMPTY/>" : text);
  if (!parsed) return context(parsed.error(), fmt::format("argument {}", name));
  return parsed;
}

// The VM's id stands in vm_id, in the VM document, or in the request's object.
Result<DomainId> domain_of(const Request& request) {
  DomainId id{request.object.id, argument(request, "deploy_id"), request.node};
  std::string text = argument(request, "vm_id");
  if (text.empty() && !argument(request, "vm").empty()) {
    NUBO_TRY(const XmlDocument vm, document(request, "vm"));
    text = vm.root().get("ID");
  }
  if (!text.empty()) id.vm_id = parse_number<int>(text).value_or(-1);
  if (id.vm_id < 0 && id.deploy_id.empty()) {
    return fail(Code::internal, "{}: no vm_id given", request.action);
  }
  return id;
}

// Until the time is over or the request is; whether there is still time.
bool rest(const Context& context, Milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any nobody;
  std::unique_lock lock(mutex);
  nobody.wait_for(lock, context.stop_token(), std::min(time, context.left()), [] { return false; });
  return !context.cancelled();
}

}  // namespace nubo::kvm
