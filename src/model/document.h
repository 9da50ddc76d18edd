// SPDX-License-Identifier: Apache-2.0
// Document: text that clients keep here, told apart by a number of their own choice (sheet
// objects.md §5.5: 100 is a OneFlow service …). Names are free and may repeat.
#pragma once

#include <tuple>

#include "model/object_type.h"
#include "model/owned.h"

namespace nubo {

struct Document : Owned {
  static constexpr ObjectType type = ObjectType::document;
  static constexpr const char* root = "DOCUMENT";
  static constexpr const char* pool_root = "DOCUMENT_POOL";
  static constexpr const char* table = "document_pool";

  DocumentId id;
  int purpose = 0;  // TYPE on the wire
  Template attributes;

  bool operator==(const Document&) const = default;

  template <class S = Document>
  static constexpr auto fields() {
    return std::tuple_cat(
        owner_fields<S>(),
        std::tuple{Field{"TYPE", &S::purpose}, Field{"PERMISSIONS", &S::permissions},
                   Field{"LOCK", &S::lock}, Field{"TEMPLATE", &S::attributes}});
  }
};

}  // namespace nubo
