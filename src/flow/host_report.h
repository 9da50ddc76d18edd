// SPDX-License-Identifier: Apache-2.0
// What reports of nodes make of hosts (sheet vm-lifecycle.md §3.4, §6.1, §6.3). Writer thread.
#pragma once

#include <string>

#include "base/result.h"
#include "store/draft.h"

namespace nubo {

/// The node answers: static facts, capacity and datastores are the reported ones; an ERROR host is
/// MONITORED again. Changes nothing when the report says what is known. Nothing for OFFLINE hosts.
Status apply_host_report(Draft& draft, HostId host, const Template& system);

/// The node does not answer: ERROR with the text, its running VMs UNKNOWN. Nothing for OFFLINE
/// hosts; a DISABLED one stays so, with the text.
Status apply_host_failure(Draft& draft, HostId host, const std::string& error);

/// <MONITORING> of a host from its report (sheet xml.md §3.2).
std::string host_monitoring(HostId host, EpochSeconds time, const Template& monitor);

/// <MONITORING> of a VM from its report (sheet xml.md §3.1).
std::string vm_monitoring(EpochSeconds time, const Vector& report);

}  // namespace nubo
