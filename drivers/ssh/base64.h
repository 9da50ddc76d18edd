// SPDX-License-Identifier: Apache-2.0
// Base64 on one line, as the scripts of add-on drivers get their documents.
#pragma once

#include <string>
#include <string_view>

namespace nubo::ssh {

std::string to_base64(std::string_view bytes);

}  // namespace nubo::ssh
