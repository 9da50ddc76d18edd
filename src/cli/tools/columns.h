// SPDX-License-Identifier: Apache-2.0
// Column values that many lists share, and the parts of show pages that several tools print.
#pragma once

#include <string>

#include "cli/listing.h"
#include "cli/page.h"
#include "cli/tool.h"

namespace nubo::cli {

std::string id_value(const Row& row);
std::string name_value(const Row& row);
std::string user_value(const Row& row);   // the id with -n
std::string group_value(const Row& row);  // the id with -n
std::string regtime_value(const Row& row);
std::string clusters_value(const Row& row);
std::string updated_value(const Row& row);
std::string outdated_value(const Row& row);
std::string error_value(const Row& row);
std::string on_off_value(const Row& row);
std::string avail_value(const Row& row);

/// How many <ID> the element has.
std::string count_text(const XmlNode& element);

/// ID, NAME, USER, GROUP and, with `lock`, LOCK.
void identity_lines(Page& page, const XmlNode& object, bool lock);
/// UPDATED, OUTDATED (with updating) and ERROR of VMS attached to a network or group.
void machine_lines(Page& page, const XmlNode& object);
/// IDs of OUTDATED_VMS and UPDATING_VMS, joined.
std::string outdated_ids(const XmlNode& object);

/// The quota blocks of users and groups (sheet cli.md §3.2), with the defaults for limit -1.
Status print_quotas(Run& run, const XmlNode& object, const char* defaults);

/// quota, batchquota and defaultquota.
Result<int> quota_command(Run& run);
Result<int> batch_quota_command(Run& run);
Result<int> default_quota_command(Run& run);

/// The cells of VMS, MEMORY, CPU and PCI in the lists of users and groups.
std::string quota_vms_value(const Row& row);
std::string quota_memory_value(const Row& row);
std::string quota_cpu_value(const Row& row);
std::string quota_pci_value(const Row& row);

}  // namespace nubo::cli
