// SPDX-License-Identifier: Apache-2.0
// What the machine can do and how quiet it is, so that figures of two runs can be compared.
#pragma once

#include <filesystem>
#include <string>

namespace nubo::bench {

/// One line: cores, load, how much a fixed piece of work varies, fdatasync per second in
/// `directory`.
std::string describe_machine(const std::filesystem::path& directory);

}  // namespace nubo::bench
