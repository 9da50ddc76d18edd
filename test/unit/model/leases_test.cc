// SPDX-License-Identifier: Apache-2.0
#include "model/leases.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "model/address_ranges.h"
#include "model/addresses.h"

namespace nubo {
namespace {

const RangeDefaults defaults{};
constexpr LeaseOwner vm3{ObjectType::vm, 3};

VirtualNetwork network_with(std::initializer_list<Vector> ranges) {
  VirtualNetwork network;
  network.id = VirtualNetworkId{7};
  for (const Vector& range : ranges) {
    const Status added = add_address_range(network, range, {.random = 0x01020304});
    EXPECT_TRUE(added) << added.error().message;
  }
  return network;
}

Vector ip4_range(const std::string& first, int size) {
  return {{"TYPE", "IP4"}, {"IP", first}, {"SIZE", std::to_string(size)}};
}

std::string taken_ip(VirtualNetwork& network, const Vector& nic = {}) {
  const auto lease = take_lease(network, LeaseRequest::of(nic), vm3);
  return lease ? lease->values.get("IP") : lease.error().message;
}

std::string error_of(const Vector& range) {
  VirtualNetwork network;
  const Status added = add_address_range(network, range, defaults);
  EXPECT_TRUE(network.address_ranges.ranges.empty());
  return added ? "" : added.error().message;
}

TEST(Addresses, ReadAndWriteThemselves) {
  EXPECT_EQ(Mac::parse("2:0:a:B:0c:1")->to_string(), "02:00:0a:0b:0c:01");
  EXPECT_FALSE(Mac::parse("ff:ff:ff:ff:ff:ff"));
  for (const char* wrong : {"", "02:00", "02:00:0a:0b:0c:01:02", "02:00:0a:0b:0c:g1", "xx"}) {
    EXPECT_FALSE(Mac::parse(wrong)) << wrong;
  }
  EXPECT_EQ(Ip4::parse("10.0.0.255")->plus(1).to_string(), "10.0.1.0");
  for (const char* wrong : {"", "10.0.0", "300.1.1.1", "10.0.0.1 "}) {
    EXPECT_FALSE(Ip4::parse(wrong)) << wrong;
  }
  EXPECT_EQ(Ip6::parse("fe80::ffff:ffff:ffff:ffff")->plus(1).to_string(), "fe80:0:0:1::");
}

TEST(AddressRange, DefaultMacFollowsTheFirstAddress) {
  const auto network =
      network_with({ip4_range("10.0.0.10", 5), {{"TYPE", "ETHER"}, {"SIZE", "3"}}});
  EXPECT_EQ(network.address_ranges.ranges[0].attributes.get("MAC"), "02:00:0a:00:00:0a");
  EXPECT_EQ(network.address_ranges.ranges[1].attributes.get("MAC"), "02:00:01:02:03:04");
  EXPECT_EQ(network.address_ranges.ranges[1].id(), 1);
}

TEST(AddressRange, WrongTextsAreNamed) {
  EXPECT_EQ(error_of({{"SIZE", "4"}}), "Unknown or missing address range TYPE.");
  EXPECT_EQ(error_of(ip4_range("300.1.1.1", 5)), "Wrong or empty IP attribute");
  EXPECT_EQ(error_of({{"TYPE", "ETHER"}, {"SIZE", "x"}}), "Wrong SIZE for address range");
  EXPECT_EQ(error_of({{"TYPE", "ETHER"}, {"SIZE", "1"}, {"MAC", "bad"}}),
            "Wrong format for MAC attribute: bad");
  EXPECT_EQ(error_of({{"TYPE", "IP6"}, {"SIZE", "4"}, {"GLOBAL_PREFIX", "nonsense"}}),
            "Wrong format for IP6 global address prefix");
  EXPECT_EQ(error_of({{"TYPE", "IP6_STATIC"}, {"SIZE", "4"}, {"PREFIX_LENGTH", "64"}}),
            "Wrong or empty IP6 attribute");
}

TEST(AddressRange, EndsFollowFromSizeAndPrefixes) {
  const auto network = network_with(
      {{{"TYPE", "IP4_6"}, {"IP", "10.1.0.10"}, {"SIZE", "5"}, {"GLOBAL_PREFIX", "2001:db8::"}}});
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(range_ends(network.address_ranges.ranges[0]),
            (Pairs{{"MAC_END", "02:00:0a:01:00:0e"},
                   {"IP_END", "10.1.0.14"},
                   {"IP6_GLOBAL", "2001:db8::aff:fe01:a"},
                   {"IP6_GLOBAL_END", "2001:db8::aff:fe01:e"}}));
}

TEST(AddressRange, AStaticRangeFillsItsPrefix) {
  const auto network =
      network_with({{{"TYPE", "IP6_STATIC"}, {"IP6", "fd00::fffa"}, {"PREFIX_LENGTH", "112"}}});
  EXPECT_EQ(network.address_ranges.ranges[0].size(), 6U);
}

TEST(AddressRange, UpdateKeepsAddressesAndRefusesToCutLeasesOff) {
  auto network = network_with({ip4_range("10.0.0.10", 5)});
  ASSERT_TRUE(hold_lease(network, LeaseRequest::of({{"IP", "10.0.0.13"}})));
  EXPECT_FALSE(update_address_range(network, {{"AR_ID", "0"}, {"SIZE", "3"}}));
  ASSERT_TRUE(update_address_range(network, {{"AR_ID", "0"}, {"IP", "1.1.1.1"}, {"NOTE", "x"}}));
  const Vector& keys = network.address_ranges.ranges[0].attributes;
  EXPECT_EQ(keys.get("IP"), "10.0.0.10");
  EXPECT_EQ(keys.get("SIZE"), "5");
  EXPECT_EQ(keys.get("NOTE"), "x");
}

TEST(AddressRange, OneWithLeasesIsRemovedByForceOnly) {
  auto network = network_with({ip4_range("10.0.0.10", 5)});
  ASSERT_EQ(taken_ip(network), "10.0.0.10");
  EXPECT_FALSE(remove_address_range(network, 0, false));
  EXPECT_EQ(network.used_leases, 1);
  EXPECT_TRUE(remove_address_range(network, 0, true));
  EXPECT_EQ(network.used_leases, 0);
}

TEST(Leases, GoRoundTheRangeAndOnToTheNext) {
  auto network = network_with({ip4_range("10.0.0.1", 2), ip4_range("10.0.1.1", 1)});
  EXPECT_EQ(taken_ip(network), "10.0.0.1");
  release_lease(network, {{"AR_ID", "0"}, {"IP", "10.0.0.1"}}, vm3);
  EXPECT_EQ(taken_ip(network), "10.0.0.2");  // not the one just given back
  EXPECT_EQ(taken_ip(network), "10.0.0.1");
  EXPECT_EQ(taken_ip(network), "10.0.1.1");
  EXPECT_EQ(taken_ip(network), "Cannot get IP/MAC lease from virtual network 7.");
}

TEST(Leases, AnAskedAddressIsGivenOrRefused) {
  auto network = network_with({ip4_range("10.0.0.1", 9)});
  EXPECT_EQ(taken_ip(network, {{"IP", "10.0.0.5"}}), "10.0.0.5");
  EXPECT_EQ(taken_ip(network, {{"MAC", "02:00:0a:00:00:06"}}), "10.0.0.6");
  for (const Vector& wrong : {Vector{{"IP", "10.0.0.5"}}, Vector{{"IP", "10.0.0.10"}},
                              Vector{{"IP", "x"}}, Vector{{"IP", "10.0.0.7"}, {"MAC", "02::"}}}) {
    EXPECT_TRUE(taken_ip(network, wrong).starts_with("Cannot get"));
  }
  EXPECT_EQ(taken_ip(network), "10.0.0.1");  // asked ones do not move the cursor
}

TEST(Leases, OnlyTheirOwnerGivesThemBack) {
  auto network = network_with({ip4_range("10.0.0.1", 9)});
  ASSERT_EQ(taken_ip(network), "10.0.0.1");
  release_lease(network, {{"IP", "10.0.0.1"}}, LeaseOwner{ObjectType::vm, 4});
  EXPECT_EQ(network.used_leases, 1);
  release_leases(network, vm3);
  EXPECT_EQ(network.used_leases, 0);
}

TEST(Leases, HeldAddressesAreNotGiven) {
  auto network = network_with({ip4_range("10.0.0.1", 2)});
  ASSERT_TRUE(hold_lease(network, LeaseRequest::of({{"IP", "10.0.0.1"}})));
  EXPECT_EQ(hold_lease(network, LeaseRequest::of({{"IP", "10.0.0.1"}})).error().message,
            "Address is not part of the address range or in use.");
  EXPECT_EQ(hold_lease(network, LeaseRequest::of({{"X", "1"}})).error().message,
            "Missing MAC, IP or IP6.");
  EXPECT_EQ(taken_ip(network), "10.0.0.2");
  EXPECT_TRUE(release_hold(network, LeaseRequest::of({{"IP", "10.0.0.2"}})));  // a VM's: stays
  EXPECT_TRUE(release_hold(network, LeaseRequest::of({{"IP", "10.0.0.1"}})));
  EXPECT_EQ(network.used_leases, 1);
}

// MAC_GLOBAL_SPACE: byte of the prefix, 20 bits of block, 20 bits of host.
TEST(MacSpace, EachRangeHasABlockOfItsOwn) {
  VirtualNetwork network;
  network.id = VirtualNetworkId{7};
  RangeDefaults space{.random = 0x00012345, .taken_blocks = std::set<std::uint32_t>{}};
  const auto mac_of = [&](Vector range) -> std::string {
    const Status added = add_address_range(network, std::move(range), space);
    if (!added) return added.error().message;
    const AddressRange& made = network.address_ranges.ranges.back();
    space.taken_blocks->insert(*mac_block(made));
    return made.attributes.get("MAC");
  };
  const Vector ether{{"TYPE", "ETHER"}, {"SIZE", "4"}};
  EXPECT_EQ(mac_of(ether), "02:00:07:01:23:45");  // block 7 << 4
  EXPECT_EQ(mac_of(ether), "02:00:07:11:23:45");
  EXPECT_EQ(mac_of(ip4_range("10.0.0.1", 4)), "02:00:07:20:00:01");
  space.taken_blocks->insert(0x73);
  EXPECT_EQ(mac_of(ether), "02:00:07:41:23:45");
}

TEST(MacSpace, WhatDoesNotFitIsRefused) {
  VirtualNetwork network;
  const RangeDefaults space{.random = 0xFFFFE, .taken_blocks = std::set<std::uint32_t>{0x50}};
  const auto error_of_range = [&](const Vector& range) {
    const Status added = add_address_range(network, range, space);
    return added ? "" : added.error().message;
  };
  const Vector mine{{"TYPE", "ETHER"}, {"SIZE", "1"}, {"MAC", "02:00:05:00:00:01"}};
  EXPECT_EQ(error_of_range(mine), "The block of MAC 02:00:05:00:00:01 is in use");
  EXPECT_TRUE(
      error_of_range({{"TYPE", "ETHER"}, {"SIZE", "3"}}).starts_with("SIZE 3 does not fit"));
  EXPECT_EQ(error_of_range({{"TYPE", "ETHER"}, {"SIZE", "2"}}), "");
}

TEST(Leases, ASharedAddressHasSeveralOwners) {
  Vector shared = ip4_range("10.0.0.1", 2);
  shared.set("SHARED", "YES");
  auto network = network_with({shared});
  EXPECT_TRUE(taken_ip(network).starts_with("Cannot get"));
  EXPECT_EQ(taken_ip(network, {{"IP", "10.0.0.1"}}), "10.0.0.1");
  EXPECT_TRUE(take_lease(network, LeaseRequest::of({{"IP", "10.0.0.1"}}), {ObjectType::vm, 4}));
  EXPECT_EQ(network.used_leases, 2);
}

TEST(Leases, OneAddressIsHeldAtATime) {
  auto network = network_with({ip4_range("10.0.0.1", 2)});
  const Vector two{{"IP", "10.0.0.1"}, {"MAC", "02:00:0a:00:00:02"}};
  EXPECT_FALSE(hold_lease(network, LeaseRequest::of(two)));
  EXPECT_FALSE(hold_lease(network, LeaseRequest::of({})));
  EXPECT_EQ(network.used_leases, 0);
  EXPECT_TRUE(hold_lease(network, LeaseRequest::of({{"IP", "10.0.0.1"}})));
  EXPECT_FALSE(release_hold(network, LeaseRequest::of(two)));
  EXPECT_EQ(network.used_leases, 1);
}

TEST(Leases, OwnersSurvivePacking) {
  for (const LeaseOwner owner : {vm3, held, LeaseOwner{ObjectType::network, 12}}) {
    EXPECT_EQ(LeaseOwner::unpack(owner.packed()), owner);
  }
}

TEST(Leases, NoAddressIsGivenTwice) {
  std::mt19937 random(3);
  auto network = network_with({ip4_range("10.0.0.1", 20), ip4_range("10.0.1.1", 7)});
  std::map<std::string, LeaseOwner> taken;
  for (int step = 0; step < 2000; ++step) {
    const LeaseOwner owner{ObjectType::vm, static_cast<int>(random() % 5)};
    if (random() % 2 == 0) {
      const auto lease = take_lease(network, {}, owner);
      ASSERT_EQ(lease.has_value(), taken.size() < 27);
      const bool is_new = !lease || taken.emplace(lease->values.get("IP"), owner).second;
      ASSERT_TRUE(is_new);
    } else if (!taken.empty()) {
      const auto victim = std::next(taken.begin(), static_cast<long>(random() % taken.size()));
      release_lease(network, {{"IP", victim->first}}, victim->second);
      taken.erase(victim);
    }
    ASSERT_EQ(network.used_leases, static_cast<long long>(taken.size()));
  }
}

}  // namespace
}  // namespace nubo
