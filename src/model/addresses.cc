// SPDX-License-Identifier: Apache-2.0
#include "model/addresses.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/numbers.h"

namespace nubo {
namespace {

constexpr std::uint64_t broadcast_mac = 0xFFFFFFFFFFFF;

std::optional<std::uint64_t> hex_byte(std::string_view text) {
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() > 2) return {};
  return value;
}

}  // namespace

std::optional<Mac> Mac::parse(std::string_view text) {
  Mac mac;
  for (int group = 0; group < 6; ++group) {
    const std::size_t end = group < 5 ? text.find(':') : text.size();
    if (end == std::string_view::npos) return {};
    const auto byte = hex_byte(text.substr(0, end));
    if (!byte) return {};
    mac.bits = mac.bits << 8 | *byte;
    text.remove_prefix(group < 5 ? end + 1 : end);
  }
  if (mac.bits == broadcast_mac) return {};
  return mac;
}

std::string Mac::to_string() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bits >> 40 & 0xFF,
                     bits >> 32 & 0xFF, bits >> 24 & 0xFF, bits >> 16 & 0xFF, bits >> 8 & 0xFF,
                     bits & 0xFF);
}

std::optional<Ip4> Ip4::parse(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return {};
  return Ip4{ntohl(address.s_addr)};
}

std::string Ip4::to_string() const {
  return fmt::format("{}.{}.{}.{}", bits >> 24, bits >> 16 & 0xFF, bits >> 8 & 0xFF, bits & 0xFF);
}

std::optional<Ip6> Ip6::parse(std::string_view text) {
  in6_addr address{};
  if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return {};
  Ip6 parsed;
  for (std::size_t place = 0; place < 16; ++place) {
    std::uint64_t& half = place < 8 ? parsed.high : parsed.low;
    half = half << 8 | address.s6_addr[place];
  }
  return parsed;
}

std::string Ip6::to_string() const {
  in6_addr address{};
  for (std::size_t place = 0; place < 16; ++place) {
    const std::uint64_t half = place < 8 ? high : low;
    address.s6_addr[place] = static_cast<std::uint8_t>(half >> (56 - 8 * (place % 8)));
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return text.data();
}

Ip6 Ip6::from_mac(Ip6 prefix, Mac mac) {
  const std::uint64_t top = mac.bits >> 24;
  const std::uint64_t bottom = mac.bits & 0xFFFFFF;
  return {prefix.high, (top << 40 | 0xFFFEULL << 24 | bottom) ^ 0x0200000000000000};
}

}  // namespace nubo
