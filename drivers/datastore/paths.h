// SPDX-License-Identifier: Apache-2.0
// Which files of the front-end may become images: users name them, oned's user reads them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "datastore/documents.h"

namespace nubo::datastore {

bool is_web_address(std::string_view path);

/// The file that `path` ("/…", "file:///…") is after all links. Code::action when it is no regular
/// file, or lies in a restricted directory (`always_restricted` and those of the datastore) and in
/// none of the datastore's safe ones.
Result<std::string> allowed_file(const std::string& path, const DatastoreFacts& datastore,
                                 const std::vector<std::string>& always_restricted);

/// The path when it is that of a file right in the datastore's directory; Code::internal else.
Result<std::string> file_of(const DatastoreFacts& datastore, const std::string& source);

/// The same for any datastore beside this one.
Result<std::string> file_beside(const DatastoreFacts& datastore, const std::string& source);

}  // namespace nubo::datastore
