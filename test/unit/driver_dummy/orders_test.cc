// SPDX-License-Identifier: Apache-2.0
#include "../../../drivers/dummy/orders.h"

#include <gtest/gtest.h>

#include <vector>

namespace nubo::dummy {

namespace {

using namespace std::chrono_literals;

Order order(std::string_view action, const std::vector<Values>& layers) {
  return order_for(action, layers);
}

TEST(Orders, NoneMeanAnAnswerAtOnce) { EXPECT_EQ(order("deploy", {}), Order{}); }

TEST(Orders, ANumberAloneDelaysEveryAction) {
  EXPECT_EQ(order("deploy", {{{"DUMMY_DELAY_MS", "500"}}}).delay, 500ms);
}

TEST(Orders, ADelayOfOneActionLeavesTheOthers) {
  const std::vector<Values> layers{{{"DUMMY_DELAY_MS", "deploy=500, save=20"}}};
  EXPECT_EQ(order("deploy", layers).delay, 500ms);
  EXPECT_EQ(order("save", layers).delay, 20ms);
  EXPECT_EQ(order("migrate", layers).delay, 0ms);
}

TEST(Orders, FailuresHaveTheirOwnTextOrOurs) {
  const std::vector<Values> layers{{{"DUMMY_FAIL", "deploy=no space left on node1,save"}}};
  EXPECT_EQ(order("deploy", layers).failure, "no space left on node1");
  EXPECT_EQ(order("save", layers).failure, "the dummy driver was told that save fails");
  EXPECT_EQ(order("cancel", layers).failure, std::nullopt);
}

TEST(Orders, YesMeansEveryActionAndNoMeansNone) {
  EXPECT_TRUE(order("deploy", {{{"DUMMY_FAIL", "yes"}}}).failure);
  EXPECT_FALSE(order("deploy", {{{"DUMMY_FAIL", "no"}}}).failure);
}

TEST(Orders, TheFirstLayerThatSpeaksOfTheActionCounts) {
  const std::vector<Values> layers{
      {{"DUMMY_DELAY_MS", "save=1"}}, {{"DUMMY_DELAY_MS", "deploy=2"}}, {{"DUMMY_DELAY_MS", "3"}}};
  EXPECT_EQ(order("save", layers).delay, 1ms);
  EXPECT_EQ(order("deploy", layers).delay, 2ms);
  EXPECT_EQ(order("migrate", layers).delay, 3ms);
}

TEST(Orders, HangAndDieNameTheirActions) {
  const std::vector<Values> layers{{{"DUMMY_HANG", "deploy"}, {"DUMMY_DIE", "save"}}};
  EXPECT_TRUE(order("deploy", layers).hang);
  EXPECT_FALSE(order("save", layers).hang);
  EXPECT_TRUE(order("save", layers).die);
}

TEST(Orders, AnswersAreReplacedByName) {
  const std::vector<Values> layers{{{"DUMMY_ANSWER", "deploy_id=x, size_mb=7"}}};
  EXPECT_EQ(order("deploy", layers).answer, (Values{{"deploy_id", "x"}, {"size_mb", "7"}}));
}

TEST(Orders, OfADocumentStandInItsTemplates) {
  EXPECT_EQ(orders_of_document("<VM><NAME>a</NAME><USER_TEMPLATE><DUMMY_FAIL>deploy</DUMMY_FAIL>"
                               "<OTHER>x</OTHER></USER_TEMPLATE><TEMPLATE>"
                               "<DUMMY_DELAY_MS><![CDATA[5]]></DUMMY_DELAY_MS></TEMPLATE></VM>"),
            (Values{{"DUMMY_FAIL", "deploy"}, {"DUMMY_DELAY_MS", "5"}}));
  EXPECT_EQ(orders_of_document("no XML"), Values{});
}

TEST(Orders, OfAControlFileStandByObject) {
  const auto lines = parse_control(
      "# comment\n\nvm 12 DUMMY_FAIL=deploy=no space\nvm 12 STATE=off\nnode * DOWN=yes\n");
  EXPECT_EQ(lines.value().at("vm 12"),
            (Values{{"DUMMY_FAIL", "deploy=no space"}, {"STATE", "off"}}));
  EXPECT_EQ(lines.value().at("node *"), (Values{{"DOWN", "yes"}}));
}

TEST(Orders, AControlLineThatIsNoOrderIsNamed) {
  EXPECT_EQ(parse_control("vm 1 A=b\nvm 12 off\n").error().message,
            "line 2 is not KIND NAME ATTRIBUTE=VALUE: vm 12 off");
}

}  // namespace

}  // namespace nubo::dummy
