// SPDX-License-Identifier: Apache-2.0
// External: transfer managers that are not built in, as OpenNebula's add-ons bring them: a folder
// of scripts REMOTES/tm/<name> (level B of sheet drivers.md, §3.2). One thread; for one request.
#pragma once

#include <string>

#include "base/result.h"
#include "nubo/driver/context.h"
#include "tm/transfer_line.h"

namespace nubo::tm {

class External {
 public:
  /// `vm`: the VM document, which migration scripts read.
  External(std::string remotes, const std::string& vm, const driver::Context& context)
      : remotes_(std::move(remotes)), vm_(vm), context_(context) {}

  /// Runs the script of the line. Code::internal with what it wrote on its standard error, or when
  /// there is no such script.
  Status run(const TransferLine& line) const;
  /// The part of a migration that is another transfer manager's: the same with the name of who
  /// calls as one more argument.
  Status run_for(const std::string& caller, TransferLine line) const;
  /// What `monitor` printed for a system datastore.
  Result<std::string> monitor(const std::string& tm, const std::string& datastore_id,
                              const std::string& action_data) const;

 private:
  Result<std::string> script_of(const TransferLine& line) const;

  std::string remotes_;
  const std::string& vm_;
  const driver::Context& context_;
};

}  // namespace nubo::tm
