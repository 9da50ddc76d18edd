// SPDX-License-Identifier: Apache-2.0
// Reading requests about VMs: their arguments, their guest, the time that they have. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "nubo/driver/context.h"
#include "nubo/driver/message.h"
#include "text/xml_reader.h"
#include "vmm_kvm/libvirt_domain.h"

namespace nubo::kvm {

/// The argument, or "".
std::string argument(const driver::Request& request, std::string_view name);
/// An argument that is a document; an empty one when it is absent.
Result<XmlDocument> document(const driver::Request& request, std::string_view name);
/// The guest that it is about: Code::internal when it names none.
Result<DomainId> domain_of(const driver::Request& request);
/// Waits until the time is over or the request is; whether there is still time.
bool rest(const driver::Context& context, Milliseconds time);

}  // namespace nubo::kvm
