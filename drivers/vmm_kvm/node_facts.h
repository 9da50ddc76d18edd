// SPDX-License-Identifier: Apache-2.0
// What a node says of itself: a small shell script run there by SSH, and the attributes made of its
// output and of libvirt's capabilities. Pure but for the script's text; names as in sheet
// drivers.md §6.4. Output of a node is untrusted: what cannot be read is left out.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/template.h"

namespace nubo::kvm {

/// Prints /proc's figures, the processor's name, cgroups and host name in marked sections.
std::string facts_script();
/// Prints the room of the datastores' directory and of each datastore in it. Its own script,
/// because a file system that hangs must not take the other figures with it.
std::string room_script(const std::string& datastore_location);

/// The sections of facts_script(): name → lines.
using Sections = std::map<std::string, std::string, std::less<>>;
Sections parse_sections(std::string_view output);

/// ARCH, MODELNAME, CPUSPEED, TOTALCPU, TOTALMEMORY, HOSTNAME, CGROUPS_VERSION.
void add_static_facts(const Sections& sections, Template& into);

/// Time of all processors, since the node's start, in ticks.
struct CpuTicks {
  unsigned long long all = 0;
  unsigned long long idle = 0;
};

CpuTicks parse_ticks(const Sections& sections);

/// FREECPU, USEDCPU (percent, 100 a processor, between two readings), FREEMEMORY, USEDMEMORY (kB),
/// NETRX, NETTX (bytes).
void add_load(const Sections& sections, const CpuTicks& before, Template& into);

/// DS_LOCATION_TOTAL_MB, _USED_MB, _FREE_MB and a DS vector for each datastore.
void add_room(std::string_view output, Template& into);

/// KVM_MACHINES, KVM_CPU_MODEL, KVM_CPU_MODELS, KVM_CPU_FEATURES, CORE, MEMORY_NODE and HUGEPAGE
/// from libvirt's capabilities and domain capabilities. Code::action when the node cannot run
/// guests of that hypervisor.
Status add_capabilities(std::string_view capabilities, const std::string& hypervisor,
                        Template& into);
void add_processor_models(std::string_view domain_capabilities, Template& into);

}  // namespace nubo::kvm
