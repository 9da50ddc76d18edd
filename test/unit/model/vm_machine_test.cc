// SPDX-License-Identifier: Apache-2.0
#include "model/vm_machine.h"

#include <gtest/gtest.h>

#include <set>

namespace nubo {
namespace {

constexpr StatePair running{VmState::active, LcmState::running};

TEST(VmMachine, FindsEachOfItsRows) {
  for (const VmRow& row : vm_rows()) {
    const VmRow* found = find_row(row.from, row.on);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->to, row.to);
  }
}

TEST(VmMachine, HasNoRowForWhatASheetRefuses) {
  EXPECT_EQ(find_row(running, VmEvent::hold), nullptr);
  EXPECT_EQ(find_row({VmState::done, LcmState::lcm_init}, VmEvent::resume), nullptr);
  EXPECT_EQ(find_row({VmState::pending, LcmState::lcm_init}, VmEvent::poweroff), nullptr);
}

TEST(VmMachine, LeavesEveryStateByForce) {
  for (const VmRow& row : vm_rows()) {
    EXPECT_NE(find_row(row.to, VmEvent::destroy), nullptr) << names_of(row.to).name;
    EXPECT_NE(find_row(row.to, VmEvent::forget), nullptr) << names_of(row.to).name;
  }
}

TEST(VmMachine, NamesAreThoseOfTheSheet) {
  EXPECT_EQ(names_of(running).name, "RUNNING");
  EXPECT_EQ(names_of(running).brief, "runn");
  EXPECT_EQ(names_of(StatePair{VmState::poweroff, LcmState::lcm_init}).brief, "poff");
  EXPECT_EQ(lcm_state_named("BOOT_MIGRATE_FAILURE"), LcmState::boot_migrate_failure);
  EXPECT_EQ(vm_state_named("RUNNING"), std::nullopt);
}

TEST(VmMachine, OperationsAreNamedBothWays) {
  for (const VmRow& row : vm_rows()) {
    EXPECT_EQ(operation_named(name_of(row.operation)), row.operation);
  }
}

TEST(VmMachine, RunningQuotasLeaveOutWhatIsOff) {
  EXPECT_TRUE(counts_as_running(running));
  EXPECT_TRUE(counts_as_running({VmState::pending, LcmState::lcm_init}));
  EXPECT_FALSE(counts_as_running({VmState::poweroff, LcmState::lcm_init}));
  EXPECT_FALSE(counts_as_running({VmState::active, LcmState::disk_snapshot_poweroff}));
}

}  // namespace
}  // namespace nubo
