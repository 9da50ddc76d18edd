// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

namespace nubo {

Failure no_such(std::string_view type_name, int id) {
  const std::string message = id == -1 ? fmt::format("Error getting {} Pool.", type_name)
                                       : fmt::format("Error getting {} [{}].", type_name, id);
  return Failure(Error{Code::no_exists, message, id});
}

Failure context(Error error, std::string_view what) {
  error.message = fmt::format("{}: {}", what, error.message);
  return Failure(std::move(error));
}

}  // namespace nubo
