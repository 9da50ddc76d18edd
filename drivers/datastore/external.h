// SPDX-License-Identifier: Apache-2.0
// External: datastores that are not built in, as OpenNebula's add-ons bring them: a folder of
// scripts REMOTES/datastore/<name> (level B of sheet drivers.md §4). One thread; for one request.
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "datastore/documents.h"
#include "nubo/driver/context.h"
#include "nubo/driver/message.h"

namespace nubo::datastore {

class External {
 public:
  struct Parts {
    const std::string& remotes;
    const std::set<std::string>& legacy;  // names of those that take their data as an argument
    const driver::Context& context;
  };

  explicit External(const Parts& parts) : parts_(parts) {}

  /// Runs the action's script with the documents; its output as the values of the answer.
  Result<driver::Values> run(const driver::Request& request, const DatastoreFacts& datastore) const;

 private:
  Parts parts_;
};

/// What a script printed, as the answer of that action (§4.4). Pure. Code::internal when something
/// is missing.
Result<driver::Values> read_output(const std::string& action, const std::string& output);

}  // namespace nubo::datastore
