// SPDX-License-Identifier: Apache-2.0
// Post: runs a function on the io thread, from any thread; in tests at once or when asked.
#pragma once

#include <functional>

namespace nubo {

using Post = std::function<void(std::function<void()>)>;

}  // namespace nubo
