// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/libvirt_handles.h"

#include <algorithm>

#include "base/utf8.h"

namespace nubo::kvm {

Failure libvirt_failure(std::string_view what) {
  const virErrorPtr error = virGetLastError();
  std::string words =
      error != nullptr && error->message != nullptr ? error->message : "libvirt did not say why";
  std::ranges::replace(words, '\n', ' ');
  return fail(Code::internal, "{}: {}", what, to_valid_utf8(words));
}

int libvirt_error_code() {
  const virErrorPtr error = virGetLastError();
  return error == nullptr ? 0 : error->code;
}

}  // namespace nubo::kvm
