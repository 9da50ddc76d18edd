// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot.h"

namespace nubo {

void render(Entry<Vm>& entry) {
  entry.document = pool_document(entry.object);
  entry.brief_document = short_document(entry.object);
}

}  // namespace nubo
