// SPDX-License-Identifier: Apache-2.0
// The settings of the program, as its configure line names them (README.md lists them).
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "nubo/driver/message.h"
#include "ssh/settings.h"
#include "text/template.h"

namespace nubo::kvm {

struct Settings {
  std::string hypervisor = "kvm";  // TYPE: "kvm", or "qemu" for emulation
  std::string uri;                 // LIBVIRT_URI; {node} and {user} stand for the node's
  std::string migrate_uri;         // MIGRATE_URI, with {node}; "" = where the target's libvirt says
  std::string version = "7.4.0";   // VERSION, in the domain's metadata and the host's template
  Milliseconds shutdown_timeout{180'000};  // SHUTDOWN_TIMEOUT, in seconds
  bool force_destroy = true;               // FORCE_DESTROY: end a guest that does not shut down
  Milliseconds host_timeout{20'000};       // HOST_TIMEOUT, in seconds: then a silent node is failed
  Template defaults;                       // the file DEFAULT, or built in
  ssh::Settings ssh;
};

/// Code::internal naming the setting that is wrong, or the file that cannot be read.
Result<Settings> settings_from(const driver::Values& values);

/// The libvirt address of a node.
std::string uri_of(const Settings& settings, const std::string& node);
/// Where the memory of a guest that migrates to that node is sent; "" = where its libvirt says.
std::string migrate_uri_of(const Settings& settings, const std::string& node);

}  // namespace nubo::kvm
