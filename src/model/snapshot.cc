// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot.h"

namespace nubo {

Snapshot::Snapshot() = default;
Snapshot::Snapshot(const Snapshot& other) = default;
Snapshot::Snapshot(Snapshot&& other) noexcept = default;
Snapshot& Snapshot::operator=(const Snapshot& other) = default;
Snapshot& Snapshot::operator=(Snapshot&& other) noexcept = default;
Snapshot::~Snapshot() = default;

namespace {

constexpr std::size_t longest_kept = 4096;  // bytes of attributes

}  // namespace

void render(Entry<Vm>& entry) {
  const bool is_kept = entry.object.user.elements().size() <= longest_kept;
  entry.document = is_kept ? pool_document(entry.object) : std::string();
  entry.document.shrink_to_fit();
  entry.brief_document = short_document(entry.object);
  entry.brief_document.shrink_to_fit();
}

void append_extended(std::string& out, const Entry<Vm>& entry) {
  out += entry.document.empty() ? pool_document(entry.object) : entry.document;
}

}  // namespace nubo
