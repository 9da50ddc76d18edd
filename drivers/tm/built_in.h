// SPDX-License-Identifier: Apache-2.0
// BuiltIn: the transfer managers that need no scripts (sheet drivers.md §3.4): `shared` and
// `qcow2`, which are one, see a datastore at the same place from everywhere; `ssh` and `local` copy
// between the front-end and the disks of the nodes. One thread; for one request.
#pragma once

#include <string>

#include "ssh/batch.h"
#include "ssh/front_end.h"
#include "tm/transfer_line.h"
#include "tm/vm_facts.h"

namespace nubo::tm {

class BuiltIn {
 public:
  /// What goes on the context CD besides what the line names.
  struct Cd {
    std::string context;  // contents of context.sh; "" to read the file that the line names
    std::string files;    // source:'name' list
    const ssh::FileRules& rules;
  };

  BuiltIn(ssh::Batch& batch, const VmFacts& vm, const Cd& cd, ssh::Nodes& nodes,
          const driver::Context& context)
      : batch_(batch), vm_(vm), cd_(cd), nodes_(nodes), context_(context) {}

  static bool is_name(std::string_view tm);

  /// Does the line, or adds it to the batch. Code::internal naming what stood in the way.
  Status run(const TransferLine& line);

 private:
  enum class Style { shared, node_local };
  struct Verb;

  Status clone(const TransferLine& line);
  Status link(const TransferLine& line);
  Status fetch(const TransferLine& line);
  Status make_image(const TransferLine& line);
  Status make_swap(const TransferLine& line);
  Status context_cd(const TransferLine& line);
  Status move_shared(const TransferLine& line);
  Status move_between(const TransferLine& line);
  Status drop_link(const TransferLine& line);
  Status save(const TransferLine& line);
  Status erase(const TransferLine& line);
  Status copy_shared(const TransferLine& line);
  Status copy_out(const TransferLine& line);
  Status resize(const TransferLine& line);
  Status snapshot(const TransferLine& line);
  Status premigrate(const TransferLine& line);
  Status postmigrate(const TransferLine& line);
  Status nothing(const TransferLine& line);

  Status send_file(const ssh::Place& from, const ssh::Place& to);
  Result<bool> are_one(const ssh::Place& one, const ssh::Place& other);
  std::string layout_of(const TransferLine& line, int disk) const;

  ssh::Batch& batch_;
  const VmFacts& vm_;
  const Cd& cd_;
  ssh::Nodes& nodes_;
  const driver::Context& context_;
  std::string tm_;  // of the line at work: the one whose ways are followed
};

}  // namespace nubo::tm
