// SPDX-License-Identifier: Apache-2.0
#include "text/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace nubo {
namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// Length of the UTF-8 sequence at `at`; 0 when there is none (overlong, surrogate, cut short) or
/// when XML cannot hold it.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  const auto byte = [&text, at](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const unsigned first = byte(0);
  const std::size_t size = first < 0xC2   ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  const bool is_out_of_range = (first == 0xE0 && second < 0xA0) ||
                               (first == 0xED && second > 0x9F) ||
                               (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  const bool is_none = first == 0xEF && second == 0xBF && byte(2) >= 0xBE;  // U+FFFE, U+FFFF
  return is_out_of_range || is_none ? 0 : size;
}

/// What a byte becomes. All eight bytes are copied, whatever the size: no branch for markup, which
/// is each sixth byte of a document. Size 0: control bytes and those of 0x80 and above.
struct Escaped {
  std::array<char, 7> text;
  std::uint8_t size;
};

static_assert(sizeof(Escaped) == 8);

constexpr Escaped escape(std::string_view text) {
  Escaped made{};
  std::copy(text.begin(), text.end(), made.text.begin());
  made.size = static_cast<std::uint8_t>(text.size());
  return made;
}

constexpr std::array<Escaped, 256> escapes = [] {
  std::array<Escaped, 256> all{};
  for (unsigned c = 0x20; c < 0x80; ++c) {
    const char byte = static_cast<char>(c);
    all[c] = escape(std::string_view(&byte, 1));
  }
  all['\n'] = escape("\n");
  all['\t'] = escape("\t");
  all['\r'] = escape("&#x0d;");
  all['&'] = escape("&amp;");
  all['<'] = escape("&lt;");
  all['>'] = escape("&gt;");
  return all;
}();

const Escaped& escape_of(char c) { return escapes[static_cast<unsigned char>(c)]; }

constexpr std::string_view references = "&<>\r";  // what becomes more than itself

std::string_view view_of(char c) {
  const Escaped& reference = escape_of(c);
  return {reference.text.data(), reference.size};
}

/// A place whose byte has no Escaped: how many bytes it takes, and what they become.
struct Odd {
  std::size_t taken;
  std::string_view becomes;
};

Odd odd_at(std::string_view text, std::size_t at) {
  if (static_cast<unsigned char>(text[at]) < 0x80) return {1, {}};
  const std::size_t size = sequence_at(text, at);
  return size > 0 ? Odd{size, text.substr(at, size)} : Odd{1, replacement_character};
}

std::size_t size_byte_by_byte(std::string_view text) {
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = escape_of(text[at]).size;
    const Odd odd = here > 0 ? Odd{1, {}} : odd_at(text, at);
    size += here + odd.becomes.size();
    at += odd.taken;
  }
  return size;
}

constexpr std::size_t block_size = 128;  // counts of a block fit into bytes, so it is vectorised

/// The escaped size of a block; nullopt when it holds more than printable ASCII and line ends.
std::optional<std::size_t> block_escaped_size(const char* block) {
  std::uint8_t angles = 0;
  std::uint8_t ampersands = 0;
  std::uint8_t odds = 0;
  for (std::size_t i = 0; i < block_size; ++i) {
    const auto c = static_cast<std::uint8_t>(block[i]);
    angles = static_cast<std::uint8_t>(angles + ((c == '<') | (c == '>')));
    ampersands = static_cast<std::uint8_t>(ampersands + (c == '&'));
    odds = static_cast<std::uint8_t>(odds | ((c < 0x20) & (c != '\n')) | (c >= 0x80));
  }
  if (odds != 0) return {};
  return block_size + 3UL * angles + 4UL * ampersands;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  std::array<char, 4096> piece;
  constexpr std::size_t room = sizeof(Escaped);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = 0;
    while (at < text.size() && size <= piece.size() - room) {
      const Escaped& here = escape_of(text[at]);
      std::memcpy(piece.data() + size, &here, room);
      size += here.size;
      if (here.size > 0) {
        ++at;
        continue;
      }
      const Odd odd = odd_at(text, at);
      std::ranges::copy(odd.becomes, piece.data() + size);
      size += odd.becomes.size();
      at += odd.taken;
    }
    out.append(piece.data(), size);
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(escaped_size(text));
  append_escaped(out, text);
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('&'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto* const reference =
        std::ranges::find_if(references, [&](char c) { return text.starts_with(view_of(c)); });
    out += reference == references.end() ? '&' : *reference;
    text.remove_prefix(reference == references.end() ? 1 : view_of(*reference).size());
  }
  return out;
}

std::size_t escaped_size(std::string_view text) {
  std::size_t size = 0;
  std::size_t at = 0;
  for (; at + block_size <= text.size(); at += block_size) {
    const auto block = block_escaped_size(text.data() + at);
    if (!block) return size + size_byte_by_byte(text.substr(at));
    size += *block;
  }
  const std::string_view rest = text.substr(at);
  std::array<char, block_size> padded;
  padded.fill(' ');
  std::ranges::copy(rest, padded.begin());
  const auto block = block_escaped_size(padded.data());
  if (!block) return size + size_byte_by_byte(rest);
  return size + *block - (block_size - rest.size());
}

std::string_view whole_characters(std::string_view text, std::size_t size) {
  if (size >= text.size()) return text;
  constexpr std::size_t longest = 4;
  std::size_t end = size;
  while (end > 0 && size - end < longest && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80)
    --end;
  const bool is_inside = end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80;
  return text.substr(0, is_inside ? end : size);
}

}  // namespace nubo
