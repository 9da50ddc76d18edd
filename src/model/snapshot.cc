// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot.h"

namespace nubo {

Snapshot::Snapshot() = default;
Snapshot::Snapshot(const Snapshot& other) = default;
Snapshot::Snapshot(Snapshot&& other) noexcept = default;
Snapshot& Snapshot::operator=(const Snapshot& other) = default;
Snapshot& Snapshot::operator=(Snapshot&& other) noexcept = default;
Snapshot::~Snapshot() = default;

}  // namespace nubo
