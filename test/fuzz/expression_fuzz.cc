// SPDX-License-Identifier: Apache-2.0
// Requirement and rank expressions as users write them into templates.
#include <cmath>

#include "base/assert.h"
#include "text/expression.h"

namespace {

std::vector<std::string> facts(std::string_view name) {
  if (name.size() % 4 == 0) return {};
  if (name.size() % 4 == 1) return {std::string(name)};
  return {"12.5", std::string(name), "-1"};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto requirement = nubo::Requirement::compile(text)) (void)requirement->holds(facts);
  if (const auto rank = nubo::Rank::compile(text)) NUBO_ASSERT(std::isfinite(rank->value(facts)));
  return 0;
}
