// SPDX-License-Identifier: Apache-2.0
// Owners of libvirt's handles, and its last error as one of ours. Errors of libvirt belong to the
// thread of the failed call: ask for them there.
#pragma once

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nubo::kvm {

struct FreeDomain {
  void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};

struct FreeText {
  void operator()(char* text) const { std::free(text); }
};

using DomainPtr = std::unique_ptr<virDomain, FreeDomain>;
using TextPtr = std::unique_ptr<char, FreeText>;

/// "what: libvirt's words" as a failure.
Failure libvirt_failure(std::string_view what);
/// The number (virErrorNumber) of this thread's last libvirt error; 0 without one.
int libvirt_error_code();

}  // namespace nubo::kvm
