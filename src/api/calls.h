// SPDX-License-Identifier: Apache-2.0
// The table of calls: one row per method (sheet api.md §7). A file per object family holds its rows
// and handlers; all_calls() is the whole table.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/call.h"
#include "api/context.h"
#include "store/draft.h"

namespace nubo::api {

enum class Type { integer, long_integer, flag, text, integers };

struct Parameter {
  const char* name;
  Type type;
  std::optional<Value> otherwise = {};  // taken when the call leaves it out
};

/// Answers from the snapshot, on a worker thread; on the io thread when it is quick (service.cc).
using Read = Result<Value> (*)(const Context&);
/// Runs as a change on the writer's thread; the reply waits until it is durable.
using Write = Result<Value> (*)(Draft&, const Context&);
/// Has steps before or after its change; calls the function once.
using Start = void (*)(ContextPtr, std::function<void(Result<Value>)>);

struct Call {
  std::string name;
  std::vector<Parameter> parameters;  // those behind the session
  std::variant<Read, Write, Start> handler;
  /// What of its work is not there yet; "" for a call that does all it should.
  /// docs/compatibility.md shows it.
  const char* later = "";
};

/// Parameters that many calls share.
inline const Parameter an_id{"id", Type::integer};
inline const Parameter a_template{"template", Type::text};
inline const Parameter a_name{"name", Type::text};
inline const Parameter an_update_type{"type", Type::integer, Value(0)};
inline const Parameter a_decrypt_flag{"decrypt", Type::flag, Value(false)};

/// The whole table.
std::vector<Call> acl_calls();
std::vector<Call> all_calls();
std::vector<Call> backup_job_calls();
std::vector<Call> cluster_calls();
std::vector<Call> datastore_calls();
std::vector<Call> document_calls();
std::vector<Call> group_calls();
std::vector<Call> hook_calls();
std::vector<Call> host_calls();
std::vector<Call> image_calls();
std::vector<Call> image_snapshot_calls();
std::vector<Call> marketplace_app_calls();
std::vector<Call> marketplace_calls();
std::vector<Call> network_calls();
std::vector<Call> network_template_calls();
std::vector<Call> quota_calls();
std::vector<Call> reservation_calls();
std::vector<Call> security_group_calls();
std::vector<Call> system_calls();
std::vector<Call> template_calls();
std::vector<Call> user_calls();
std::vector<Call> vdc_calls();
std::vector<Call> virtual_router_calls();
std::vector<Call> vm_calls();
std::vector<Call> vm_group_calls();
std::vector<Call> vm_record_calls();
std::vector<Call> zone_calls();

/// What the call has made its objects cost must fit into quotas: Code::authorization. Done for
/// every call that writes; a handler that names its own object in the failure does it before.
Status settle_quotas(Draft& draft, const Context& call);

/// Runs a handler's change and hands its value on; for Start handlers.
void submit(const ContextPtr& call, std::function<Result<Value>(Draft&)> change,
            std::function<void(Result<Value>)> done);

}  // namespace nubo::api
