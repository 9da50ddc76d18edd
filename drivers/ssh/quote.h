// SPDX-License-Identifier: Apache-2.0
// Puts values from outside into shell text: between single quotes, where a shell of a node expands
// nothing. Every value that a script of ours carries goes through here.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace nubo::ssh {

/// `text` as one word of POSIX shell, whatever its bytes. A NUL, which no argument can hold, ends
/// the text.
std::string quote(std::string_view text);

/// The words quoted and joined by blanks: a command line that runs words[0] with the others.
std::string command_line(std::initializer_list<std::string_view> words);

}  // namespace nubo::ssh
