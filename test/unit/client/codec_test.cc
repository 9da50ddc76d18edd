// SPDX-License-Identifier: Apache-2.0
#include "client/codec.h"

#include <gtest/gtest.h>

namespace nubo::client {
namespace {

std::string reply(std::string_view values) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse>\n<params>\n<param><value>"
      "<array><data>\n{}</data></array></value></param>\n</params>\n</methodResponse>\n",
      values);
}

TEST(ClientCodec, CallCarriesSessionAndTypedParameters) {
  const std::string call = encode_call(
      "one.vm.info", "a:b&c", {7, true, std::int64_t{9}, "x<y\r\n", std::vector<int>{1, 2}});
  EXPECT_NE(call.find("<methodName>one.vm.info</methodName>"), std::string::npos);
  EXPECT_NE(call.find("<string>a:b&amp;c</string>"), std::string::npos);
  EXPECT_NE(call.find("<i4>7</i4>"), std::string::npos);
  EXPECT_NE(call.find("<boolean>1</boolean>"), std::string::npos);
  EXPECT_NE(call.find("<i8>9</i8>"), std::string::npos);
  EXPECT_NE(call.find("<string>x&lt;y&#x0d;\n</string>"), std::string::npos);
  EXPECT_NE(call.find("<data><value><i4>1</i4></value><value><i4>2</i4></value></data>"),
            std::string::npos);
}

TEST(ClientCodec, ControlCharactersThatXmlCannotHoldAreLeftOut) {
  EXPECT_NE(encode_call("m", "s", {std::string("a\x01") + "b"}).find("<string>ab<"),
            std::string::npos);
}

TEST(ClientCodec, SuccessGivesTheSecondElement) {
  const auto text =
      decode_reply(reply("<value><boolean>1</boolean></value>"
                         "<value><string>&lt;VM/&gt;</string></value>"
                         "<value><i4>0</i4></value>"));
  ASSERT_TRUE(text);
  EXPECT_EQ(std::get<std::string>(*text), "<VM/>");
  const auto id =
      decode_reply(reply("<value><boolean>1</boolean></value><value><i4>12</i4></value>"
                         "<value><i4>0</i4></value>"));
  ASSERT_TRUE(id);
  EXPECT_EQ(std::get<int>(*id), 12);
}

TEST(ClientCodec, FailureKeepsCodeTextAndObject) {
  const auto failed =
      decode_reply(reply("<value><boolean>0</boolean></value>"
                         "<value><string>gone</string></value>"
                         "<value><i4>1024</i4></value><value><i4>5</i4></value>"
                         "<value><i8>-1</i8></value>"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), (Error{Code::no_exists, "gone", 5}));
}

TEST(ClientCodec, FaultIsAnErrorOfTheCall) {
  const auto fault = decode_reply(
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><i4>-506</i4>"
      "</value></member><member><name>faultString</name><value><string>Method 'x' not defined"
      "</string></value></member></struct></value></fault></methodResponse>");
  ASSERT_FALSE(fault);
  EXPECT_EQ(fault.error().code, Code::api);
  EXPECT_EQ(fault.error().message, "Method 'x' not defined (fault -506)");
}

TEST(ClientCodec, AnythingElseIsRefused) {
  for (const std::string& document :
       {std::string("<html/>"), std::string(""), reply("<value><i4>1</i4></value>"),
        reply("<value><i4>1</i4></value><value/><value/>"),
        reply("<value><boolean>1</boolean></value><value><i4>x</i4></value><value/>")}) {
    const auto result = decode_reply(document);
    ASSERT_FALSE(result) << document;
    EXPECT_EQ(result.error().code, Code::internal);
  }
}

}  // namespace
}  // namespace nubo::client
