// SPDX-License-Identifier: Apache-2.0
// NodeLink against libvirt's own test hypervisor (test:///default: one running domain "test").
#include "vmm_kvm/libvirt_connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/clock.h"
#include "vmm_kvm/libvirt_domain.h"

namespace nubo::kvm {
namespace {

using testing::HasSubstr;

const SystemClock machine_clock;

class NodeLinkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(start_libvirt()); }

  static driver::Context within(Milliseconds limit) {
    return driver::Context({.deadline = machine_clock.steady() + limit}, machine_clock);
  }

  static std::shared_ptr<NodeLink> link_to(const std::string& uri) {
    return std::make_shared<NodeLink>(NodeLink::Place{"node1", uri});
  }

  const driver::Context context_ = within(std::chrono::seconds(20));
  const std::shared_ptr<NodeLink> link_ = link_to("test:///default");
  const DomainId test_domain_{-1, "test", "node1"};
};

TEST_F(NodeLinkTest, UsesAKeptConnectionAgain) {
  const void* first = link_->borrow(context_)->get();
  EXPECT_EQ(link_->borrow(context_)->get(), first);
}

TEST_F(NodeLinkTest, NeverLendsAConnectionTwiceAtATime) {
  const auto one = link_->borrow(context_);
  const auto other = link_->borrow(context_);
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->get(), other->get());
}

TEST_F(NodeLinkTest, NamesTheNodeThatCannotBeReached) {
  const auto refused = link_to("test:///nowhere")->borrow(context_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("cannot reach libvirt on node1"));
}

TEST_F(NodeLinkTest, GivesUpACallThatDoesNotComeBack) {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto called = link_->call<void>(within(Milliseconds(50)), [gate](virConnectPtr) {
    gate->get_future().wait();
    return ok();
  });
  ASSERT_FALSE(called);
  EXPECT_THAT(called.error().message, HasSubstr("libvirt on node1: no answer in time"));
  EXPECT_TRUE(link_->call<void>(context_, [](virConnectPtr) { return ok(); }));
  gate->set_value();
}

TEST_F(NodeLinkTest, TellsTheListenerOfADomainThatEnds) {
  std::promise<DomainEvent> told;
  link_->listen([&told, is_first = true](const DomainEvent& event) mutable {
    if (is_first) told.set_value(event);
    is_first = false;
  });
  ASSERT_TRUE(link_->watch(context_));
  const auto destroyed = link_->call<bool>(
      context_, [this](virConnectPtr c) { return destroy_domain(c, test_domain_); });
  ASSERT_TRUE(destroyed);
  EXPECT_EQ(told.get_future().get().name, "test");
  link_->listen({});
}

class DomainTest : public NodeLinkTest {
 protected:
  virConnectPtr connection() { return (*borrowed_)->get(); }

  const Result<std::shared_ptr<Connection>> borrowed_ = link_->borrow(context_);
  const DomainId missing_{7, "", "node1"};
  const std::string xml_ =
      "<domain type='test'><name>one-7</name><memory>1024</memory>"
      "<os><type>hvm</type></os></domain>";
};

TEST_F(DomainTest, DeployIsRepeatable) {
  const auto first = create_domain(connection(), missing_, xml_);
  ASSERT_TRUE(first);
  EXPECT_EQ(*create_domain(connection(), missing_, xml_), *first);
  EXPECT_EQ(*destroy_domain(connection(), missing_), false);
}

TEST_F(DomainTest, EndingWhatIsGoneIsASuccess) {
  EXPECT_EQ(*request_shutdown(connection(), missing_), false);
  EXPECT_EQ(*destroy_domain(connection(), missing_), false);
}

TEST_F(DomainTest, ActingOnWhatIsGoneNamesVmAndNode) {
  const Status done = reboot_domain(connection(), missing_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "VM 7 on node1 does not run");
}

TEST_F(DomainTest, OnlyWhatLibvirtPausesForATimeIsInTransit) {
  ASSERT_TRUE(create_domain(connection(), missing_, xml_));
  EXPECT_EQ(*presence_of(connection(), missing_), Presence::there);
  ASSERT_EQ(*destroy_domain(connection(), missing_), false);
  EXPECT_EQ(*presence_of(connection(), missing_), Presence::absent);
  EXPECT_TRUE(is_in_transit({VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_SAVE}));
  EXPECT_TRUE(is_in_transit({VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP}));
  EXPECT_FALSE(is_in_transit({VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER}));
  EXPECT_FALSE(is_in_transit({VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR}));
  EXPECT_FALSE(is_in_transit({VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED}));
}

TEST_F(DomainTest, SavingWhatIsGoneNeedsAWholeCheckpoint) {
  const Status done = save_domain(connection(), missing_, "/nowhere/checkpoint");
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("no whole checkpoint /nowhere/checkpoint"));
}

}  // namespace
}  // namespace nubo::kvm
