// SPDX-License-Identifier: Apache-2.0
// The parts of documents that come from elsewhere than the object: quotas beside users and groups,
// monitoring in hosts (sheet xml.md §2).
#pragma once

#include <string>
#include <string_view>

#include "model/snapshot.h"

namespace nubo::api {

/// The four quota elements.
std::string quota_elements(const Quotas& quotas);

/// The limits of all users or of all groups, under their own root.
std::string default_quotas(const Snapshot& state, ObjectType type);

/// The document with elements put in front of its closing tag.
std::string with_inside(std::string document, std::string_view root, std::string_view elements);

}  // namespace nubo::api
