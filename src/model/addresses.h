// SPDX-License-Identifier: Apache-2.0
// Addresses of network cards: MAC, IPv4 and IPv6 from and to text, and the n-th behind a first one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nubo {

struct Mac {
  std::uint64_t bits = 0;  // 48 of them

  auto operator<=>(const Mac&) const = default;

  /// Six groups of one or two hex digits; not the broadcast address.
  static std::optional<Mac> parse(std::string_view text);
  std::string to_string() const;

  /// Counts in the four lower bytes; the upper two stay.
  Mac plus(std::uint32_t n) const {
    constexpr std::uint64_t lower = 0xFFFFFFFF;
    return {(bits & ~lower) | ((bits + n) & lower)};
  }
};

struct Ip4 {
  std::uint32_t bits = 0;

  auto operator<=>(const Ip4&) const = default;

  static std::optional<Ip4> parse(std::string_view text);
  std::string to_string() const;

  Ip4 plus(std::uint32_t n) const { return {bits + n}; }
};

struct Ip6 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const Ip6&) const = default;

  static std::optional<Ip6> parse(std::string_view text);
  std::string to_string() const;

  Ip6 plus(std::uint32_t n) const { return {high + (low + n < low ? 1U : 0U), low + n}; }

  /// The /64 of `prefix` with the EUI-64 of a MAC behind it (RFC 4291, appendix A).
  static Ip6 from_mac(Ip6 prefix, Mac mac);
};

}  // namespace nubo
