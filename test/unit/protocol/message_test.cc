// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nubo::driver {

namespace {

using ::testing::HasSubstr;

template <class T>
T read_back(const T& message) {
  if constexpr (std::is_constructible_v<ToDriver, T>) {
    return std::get<T>(decode_to_driver(encode(ToDriver(message))).value());
  } else {
    return std::get<T>(decode_from_driver(encode(FromDriver(message))).value());
  }
}

Request a_request() {
  return {.id = 7,
          .action = "deploy",
          .object = {"vm", 12},
          .node = "node1",
          .deadline = std::chrono::seconds(60),
          .args = {{"vm", "<VM>\n\"ä\" \t\\</VM>"}, {"empty", ""}}};
}

TEST(Message, EveryKindReadsBackEqual) {
  EXPECT_EQ(read_back(a_request()), a_request());
  EXPECT_EQ(read_back(Request{.id = 1, .action = "x"}), (Request{.id = 1, .action = "x"}));
  EXPECT_EQ(read_back(Cancel{3}), Cancel{3});
  EXPECT_EQ(read_back(Configure{{{"A", "b"}}}), (Configure{{{"A", "b"}}}));
  EXPECT_EQ(read_back(Configure{}), Configure{});
  EXPECT_EQ(read_back(Answer{4, true, "", {{"k", "v"}}}), (Answer{4, true, "", {{"k", "v"}}}));
  EXPECT_EQ(read_back(Answer{5, false, "no space", {}}), (Answer{5, false, "no space", {}}));
  EXPECT_EQ(read_back(Progress{6, "half"}), (Progress{6, "half"}));
  EXPECT_EQ(read_back(Event{"vm_state", "n", {{"vms", "x"}}}),
            (Event{"vm_state", "n", {{"vms", "x"}}}));
  EXPECT_EQ(read_back(Hello{"kvm", 1, {"probe", "cancel"}}),
            (Hello{"kvm", 1, {"probe", "cancel"}}));
}

TEST(Message, IsOneLine) { EXPECT_THAT(encode(ToDriver(a_request())), Not(HasSubstr("\n"))); }

TEST(Message, HasTheDocumentedShape) {
  EXPECT_EQ(encode(ToDriver(Cancel{7})), R"({"cancel":{"id":7}})");
  EXPECT_EQ(encode(FromDriver(Hello{"kvm", 1, {}})), R"({"hello":{"driver":"kvm","protocol":1}})");
  EXPECT_EQ(encode(ToDriver(Request{.id = 7, .action = "rm", .object = {"image", 3}})),
            R"({"request":{"action":"rm","args":{},"deadline_ms":0,"id":7,"kind":"image",)"
            R"("node":"","object":3}})");
}

TEST(Message, UnknownMembersAreSkipped) {
  const auto read =
      decode_from_driver(R"({"progress":{"id":1,"text":"t","more":{"a":"b"},"l":[]}})");
  EXPECT_EQ(std::get<Progress>(read.value()), (Progress{1, "t"}));
}

TEST(Message, InvalidUtf8IsReplacedInBothDirections) {
  const auto read = decode_from_driver(
      "{\"progress\":{\"id\":1,\"text\":\"a\xFF"
      "b\"}}");
  EXPECT_EQ(std::get<Progress>(read.value()).text,
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(read_back(Progress{1,
                               "a\xFF"
                               "b"})
                .text,
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Message, SaysWhatIsMissing) {
  EXPECT_EQ(decode_from_driver(R"({"answer":{"id":1}})").error().message,
            "bad driver message: answer without a good \"ok\"");
  EXPECT_EQ(decode_from_driver(R"({"answer":{"id":"1","ok":true}})").error().message,
            "bad driver message: answer without a good \"id\"");
  EXPECT_EQ(decode_from_driver(R"({"reply":{}})").error().message,
            "bad driver message: unknown kind \"reply\"");
}

TEST(Message, NumbersOutOfRangeAreRefused) {
  for (const char* deadline : {"-1", "99999999999999", "99999999999999999999", "1.5"})
    EXPECT_FALSE(decode_to_driver(fmt::format(
        R"({{"request":{{"id":1,"action":"x","kind":"vm","object":1,"deadline_ms":{}}}}})",
        deadline)))
        << deadline;
}

TEST(Message, HostileLinesAreErrors) {
  const std::string nested = R"({"answer":)" + std::string(1'000'000, '[');
  std::string many = R"({"answer":{"id":1,"ok":true,"data":{)";
  for (int i = 0; i < 150'000; ++i) many += fmt::format(R"("{}":"",)", i);
  for (const std::string& line :
       {std::string(), std::string("{"), std::string("[]"), std::string("{}"), std::string("5"),
        std::string(R"({"answer":5})"), std::string(R"({"answer":{"id":null,"ok":true}})"),
        std::string(R"({"answer":{"id":1,"ok":true,"data":{"a":1}}})"),
        std::string(R"({"answer":{"id":1,"ok":true,"data":{"a":{"b":"c"}}}})"),
        std::string(R"({"answer":{"id":1,"ok":true},"answer":{"id":1,"ok":true}})"),
        std::string(R"({"answer":{"id":1,"ok":true}} trailing)"), nested, many,
        std::string(longest_line + 1, ' ')})
    EXPECT_FALSE(decode_from_driver(line)) << line.substr(0, 60);
}

}  // namespace

}  // namespace nubo::driver
