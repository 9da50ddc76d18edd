// SPDX-License-Identifier: Apache-2.0
#include "model/reservations.h"

#include <gtest/gtest.h>

#include "model/address_ranges.h"

namespace nubo {
namespace {

constexpr LeaseOwner reservation{ObjectType::network, 9};

class ReservationTest : public ::testing::Test {
 protected:
  ReservationTest() {
    parent.id = VirtualNetworkId{7};
    add(Vector{{"TYPE", "IP4"}, {"IP", "10.0.0.1"}, {"SIZE", "6"}});
    add(Vector{{"TYPE", "ETHER"}, {"MAC", "02:00:00:00:00:01"}, {"SIZE", "4"}});
  }

  void add(Vector range) { EXPECT_TRUE(add_address_range(parent, std::move(range), {})); }

  std::string taken(std::uint32_t size, Vector first = {}) {
    const auto block = take_block(parent, {size, LeaseRequest::of(first)}, reservation);
    if (!block) return block.error().message;
    add_block(child, *block);
    return block->get("IP").empty() ? block->get("MAC") : block->get("IP");
  }

  VirtualNetwork parent;
  VirtualNetwork child;
};

TEST_F(ReservationTest, TakesTheNextBlockOfTheFirstRangeWithRoom) {
  EXPECT_EQ(taken(2), "10.0.0.1");
  EXPECT_EQ(taken(3), "10.0.0.3");
  EXPECT_EQ(taken(2), "02:00:00:00:00:01");
  EXPECT_EQ(parent.used_leases, 7);
  EXPECT_EQ(child.address_ranges.ranges[2].attributes.get("AR_ID"), "2");
  EXPECT_EQ(child.address_ranges.ranges[2].attributes.get("PARENT_NETWORK_AR_ID"), "1");
  EXPECT_EQ(taken(99), "Not enough free addresses in an address range");
}

TEST_F(ReservationTest, TakesTheBlockThatBeginsWithAnAddress) {
  EXPECT_EQ(taken(2, {{"IP", "10.0.0.4"}, {"AR_ID", "0"}}), "10.0.0.4");
  EXPECT_EQ(find_range(parent, 0)->attributes.get("NEXT_INDEX"), "0");
  const std::string none = "Not enough free addresses in address range 0, or it does not exist";
  EXPECT_EQ(taken(2, {{"IP", "10.0.0.3"}, {"AR_ID", "0"}}), none);
  EXPECT_EQ(taken(2, {{"IP", "10.0.0.6"}, {"AR_ID", "0"}}), none);
}

TEST_F(ReservationTest, DoesNotGoRoundTheEnd) {
  EXPECT_EQ(taken(5), "10.0.0.1");
  const AddressRange block = child.address_ranges.ranges[0];
  return_block(parent, block, reservation);
  EXPECT_EQ(parent.used_leases, 0);
  EXPECT_EQ(taken(2), "10.0.0.1");
}

TEST_F(ReservationTest, SharedRangesAreNotReserved) {
  VirtualNetwork shared;
  EXPECT_TRUE(add_address_range(
      shared, {{"TYPE", "IP4"}, {"IP", "10.0.0.1"}, {"SIZE", "6"}, {"SHARED", "YES"}}, {}));
  EXPECT_FALSE(take_block(shared, {1, {}}, reservation));
}

}  // namespace
}  // namespace nubo
