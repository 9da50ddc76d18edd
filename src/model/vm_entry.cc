// SPDX-License-Identifier: Apache-2.0
#include "model/vm_entry.h"

#include "base/assert.h"
#include "text/escape.h"

namespace nubo {
namespace {

constexpr std::size_t longest_kept = 4096;  // bytes of attributes

}  // namespace

const std::string& brief_document(const Entry<Vm>& entry) {
  return entry.brief.get([&] { return escaped(short_document(entry.object)); });
}

bool keeps_extended(const Entry<Vm>& entry) {
  return entry.object.user.elements().size() <= longest_kept;
}

const std::string& extended_document(const Entry<Vm>& entry) {
  NUBO_ASSERT(keeps_extended(entry));
  return entry.extended.get([&] { return escaped(pool_document(entry.object)); });
}

}  // namespace nubo
