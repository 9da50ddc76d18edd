// SPDX-License-Identifier: Apache-2.0
#include "store/monitoring_log.h"

#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace nubo {
namespace {

MonitoringRecord record(int object, long long time) {
  return {object, EpochSeconds(time), "<MONITORING/>"};
}

struct MonitoringLogTest : ::testing::Test {
  void open() {
    log.reset();
    log = std::move(*MonitoringLog::open(dir.file("monitoring.db")));
  }

  std::vector<MonitoringRecord> read(const MonitoringQuery& query) {
    log->flush();
    return *log->read(Monitored::vm, query);
  }

  void SetUp() override {
    open();
    log->append(Monitored::vm, {record(1, 10), record(2, 11), record(1, 20)});
  }

  test::TempDir dir;
  std::unique_ptr<MonitoringLog> log;
};

TEST_F(MonitoringLogTest, ReadsByObjectTimeAndCount) {
  EXPECT_EQ(read({}), (std::vector{record(1, 10), record(1, 20), record(2, 11)}));
  EXPECT_EQ(read({.object = 1}), (std::vector{record(1, 10), record(1, 20)}));
  EXPECT_EQ(read({.since = EpochSeconds(11)}), (std::vector{record(1, 20), record(2, 11)}));
  EXPECT_EQ(read({.object = 1, .last = 1}), (std::vector{record(1, 20)}));
}

TEST_F(MonitoringLogTest, KnowsTheNewestAtOnce) {
  EXPECT_EQ(log->newest(Monitored::vm, 1), record(1, 20));
  EXPECT_EQ(log->newest(Monitored::vm), (std::vector{record(1, 20), record(2, 11)}));
  EXPECT_EQ(log->newest(Monitored::host, 1), std::nullopt);
}

TEST_F(MonitoringLogTest, RecallsTheNewestAfterARestart) {
  open();
  log->recall(Monitored::vm, {1, 7});
  log->flush();
  EXPECT_EQ(log->newest(Monitored::vm), std::vector{record(1, 20)});
}

TEST_F(MonitoringLogTest, WhatIsRecalledDoesNotHideWhatIsNewer) {
  open();
  log->append(Monitored::vm, {record(1, 30)});
  log->recall(Monitored::vm, {1});
  log->flush();
  EXPECT_EQ(log->newest(Monitored::vm, 1), record(1, 30));
}

TEST_F(MonitoringLogTest, ARetiredObjectIsInTheFileAlone) {
  log->retire(Monitored::vm, 1);
  EXPECT_EQ(read({.object = 1, .last = 1}), std::vector{record(1, 20)});
  EXPECT_EQ(log->newest(Monitored::vm), std::vector{record(2, 11)});
}

TEST_F(MonitoringLogTest, AnOlderRecordDoesNotHideTheNewest) {
  log->append(Monitored::vm, {record(1, 15)});
  EXPECT_EQ(log->newest(Monitored::vm, 1), record(1, 20));
}

TEST_F(MonitoringLogTest, DropsOldRecordsAndThoseOfAnObjectThatIsGone) {
  log->expire(Monitored::vm, EpochSeconds(11));
  EXPECT_EQ(read({}), (std::vector{record(1, 20), record(2, 11)}));
  log->forget(Monitored::vm, 1);
  EXPECT_EQ(read({}), (std::vector{record(2, 11)}));
  EXPECT_EQ(log->newest(Monitored::vm, 1), std::nullopt);
}

}  // namespace
}  // namespace nubo
