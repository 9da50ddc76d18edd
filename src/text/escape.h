// SPDX-License-Identifier: Apache-2.0
// Texts as XML character data: markup escaped, a carriage return as a reference (a bare one would
// arrive as a line feed), control bytes that XML cannot hold left out, bytes that are no UTF-8 as
// U+FFFD. Pure functions, any thread; a pool of 20 MB goes through them with each call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nubo {

void append_escaped(std::string& out, std::string_view text);

std::string escaped(std::string_view text);

/// What it was escaped from.
std::string unescaped(std::string_view text);

/// How many bytes append_escaped() adds.
std::size_t escaped_size(std::string_view text);

/// The most of the first `size` bytes that ends between two characters.
std::string_view whole_characters(std::string_view text, std::size_t size);

}  // namespace nubo
