// SPDX-License-Identifier: Apache-2.0
#include "rpc/codec.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "text/xml_reader.h"

namespace nubo::rpc {
namespace {

using api::Array;
using api::FaultCode;
using api::Value;

std::string call_with(std::string_view value) {
  return fmt::format(
      "<?xml version=\"1.0\"?><methodCall><methodName>one.vm.info</methodName><params><param>"
      "{}</param></params></methodCall>",
      value);
}

Value decoded(std::string_view value) {
  auto call = decode_call(call_with(value));
  EXPECT_TRUE(call) << (call ? "" : call.error().text);
  return call && !call->params.empty() ? call->params.front() : Value("not decoded");
}

std::string fault_text(std::string_view document) {
  const auto call = decode_call(document);
  if (call) return "no fault";
  EXPECT_EQ(call.error().code, FaultCode::parse);
  return call.error().text;
}

std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(RpcDecode, EveryTypeKeepsItsType) {
  EXPECT_EQ(decoded("<value><int>-7</int></value>"), Value(-7));
  EXPECT_EQ(decoded("<value><i4>+99999</i4></value>"), Value(99999));
  EXPECT_EQ(decoded("<value><i8>+5000000000</i8></value>"), Value(std::int64_t{5'000'000'000}));
  EXPECT_EQ(decoded("<value><boolean>1</boolean></value>"), Value(true));
  EXPECT_EQ(decoded("<value><double>1.5</double></value>"), Value(1.5));
  EXPECT_EQ(decoded("<value><string>a&lt;b</string></value>"), Value("a<b"));
  EXPECT_EQ(decoded("<value>bare</value>"), Value("bare"));
  EXPECT_EQ(decoded("<value><nil/></value>"), Value(api::Nil{}));
  EXPECT_EQ(decoded("<value><base64>MQ==</base64></value>"), Value(api::Bytes{"1"}));
  EXPECT_EQ(decoded("<value><array><data><value><i4>1</i4></value></data></array></value>"),
            Value(Array{1}));
  EXPECT_EQ(decoded("<value><struct><member><name>a</name><value><i4>1</i4></value></member>"
                    "</struct></value>"),
            Value(api::Struct{{"a", 1}}));
}

TEST(RpcDecode, LineEndsArriveAsLineFeeds) {
  EXPECT_EQ(decoded("<value><string>a&#x0d;\nb\r\nc</string></value>"), Value("a\nb\nc"));
}

TEST(RpcDecode, ACallMayHaveNoParameters) {
  const auto call = decode_call("<methodCall><methodName>a.b</methodName></methodCall>");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->method, "a.b");
  EXPECT_TRUE(call->params.empty());
}

TEST(RpcDecode, FaultsSayWhatIsWrongWithTheCall) {
  const std::string lead = "Call XML not a proper XML-RPC call.  ";
  EXPECT_EQ(fault_text(call_with("<value><i4>zz</i4></value>")),
            lead + "<int> value 'zz' contains non-numerical junk: 'zz'");
  EXPECT_EQ(fault_text(call_with("<value><i4/></value>")),
            lead + "<int> XML element content is empty");
  EXPECT_EQ(fault_text("<a/>"), lead +
                                    "XML-RPC call should be a <methodCall> element.  Instead, "
                                    "we have a <a> element.");
  EXPECT_EQ(fault_text(" " + call_with("<value>x</value>")),
            lead + "Call is not valid XML.  syntax error");
}

TEST(RpcDecode, NumbersThatAreNoneAreFaultsThatSayWhy) {
  struct Case {
    std::string_view value, ending;
  };

  constexpr Case cases[] = {
      {"<i8>9223372036854775808</i8>", "<i8> value '9223372036854775808' is out of range"},
      {"<i8>-9223372036854775809</i8>", "<i8> value '-9223372036854775809' is out of range"},
      {"<int>2147483648</int>", "<int> value '2147483648' is out of range"},
      {"<i8>x</i8>", "contains non-numerical junk: 'x'"},
      {"<i8 a=\">\">x</i8>", "contains non-numerical junk: 'x'"},
      {"<ex:i8>x</ex:i8>", "contains non-numerical junk: 'x'"},
      {"<i8>1<!-- -->x</i8>", "<i8> value '1x' contains non-numerical junk: 'x'"},
      {"<i8><![CDATA[x]]></i8>", "contains non-numerical junk: 'x'"},
      {"<i8>&#120;</i8>", "contains non-numerical junk: 'x'"},
      {"<i8>+-1</i8>", "contains non-numerical junk: '+-1'"},
      {"<i8>-</i8>", "contains non-numerical junk: '-'"},
      {"<i8>1 2</i8>", "contains non-numerical junk: ' 2'"},
      {"<i8>1<i8>2</i8></i8>", "A <i8> XML element has elements in it"},
      {"<i8/>", "<i8> XML element content is empty"},
      {"<i4> </i4>", "<int> XML element content is empty"},
      {"<double>1,5</double>", "<double> value '1,5' contains non-numerical junk: ',5'"},
      {"<boolean>true</boolean>",
       "<boolean> XML element content must be either '0' or '1' according to XML-RPC.  This one "
       "has 'true'"},
  };
  for (const auto& [value, ending] : cases) {
    EXPECT_THAT(fault_text(call_with(fmt::format("<value>{}</value>", value))),
                testing::EndsWith(ending))
        << value;
  }
  EXPECT_EQ(decoded("<value><i8>-9223372036854775808</i8></value>"),
            Value(std::numeric_limits<std::int64_t>::min()));
  EXPECT_EQ(decoded("<value><i4>\n 7 </i4></value>"), Value(7));
  EXPECT_EQ(decoded("<value><string>&lt;i8>x</string></value>"), Value("<i8>x"));
}

TEST(RpcDecode, ElementsOutOfPlaceAreFaultsThatNameThem) {
  struct Case {
    std::string_view param, ending;
  };

  constexpr Case cases[] = {
      {"", "Expected <param> to have 1 children, found 0"},
      {"<i4>1</i4>", "Expected <value> in <param>, found <i4>"},
      {"<value><i4>1</i4><i4>1</i4></value>", "Expected <value> to have 1 children, found 2"},
      {"<value><int4>1</int4></value>", "XML element is named <int4>"},
      {"<value><string>a<b/></string></value>", "A <string> XML element has elements in it"},
      {"<value><array><value/></array></value>", "Expected <data> in <array>, found <value>"},
      {"<value><array><data><i4>1</i4></data></array></value>", "Expected <value>, found <i4>"},
      {"<value><struct><value/></struct></value>", "in <struct>, found <value>"},
      {"<value><struct><member><name>a</name></member></struct></value>",
       "Expected <member> with <name> and <value> in <struct>, found <member>"},
  };
  for (const auto& [param, ending] : cases) {
    EXPECT_THAT(fault_text(call_with(param)), testing::EndsWith(ending)) << param;
  }
  EXPECT_THAT(fault_text("<methodCall><params/></methodCall>"), testing::EndsWith("'methodName'"));
  EXPECT_THAT(fault_text("<methodCall><methodName>a</methodName><params><value/></params>"
                         "</methodCall>"),
              testing::EndsWith("Expected <param>, found <value>"));
}

TEST(RpcDecode, BadUtf8IsAFault) {
  EXPECT_THAT(
      fault_text(call_with("<value>\xff\xfe</value>")),
      testing::EndsWith("Problem with token at '\\xff\\xfe</value></param></params></methodCall>"
                        "': Invalid token, starting 0 bytes in"));
  EXPECT_NE(fault_text(call_with("<value>\xc0\x80</value>")), "no fault");
  EXPECT_NE(fault_text(call_with("<value>\xed\xa0\x80</value>")), "no fault");
}

TEST(RpcDecode, DocumentTypesAreRefusedWhereverTheyStand) {
  const std::string type = "<!DOCTYPE a [<!ENTITY b \"c\">]>";
  for (const std::string& before :
       {std::string("<?xml version=\"1.0\"?>"), std::string("<!-- < -->"),
        std::string("<?p <!-- ?>"), std::string("\n")}) {
    EXPECT_NE(fault_text(before + type + "<a/>").find("document type"), std::string::npos)
        << before;
  }
  EXPECT_EQ(decoded("<value><![CDATA[<!DOCTYPE html>]]></value>"), Value("<!DOCTYPE html>"));
}

TEST(RpcDecode, OtherEncodingsAreRefused) {
  EXPECT_NE(fault_text(std::string("\xff\xfe<\0a\0/\0>\0", 10)), "no fault");
  const std::string latin1 = "<?xml version='1.0' encoding='ISO-8859-1'?><methodCall><methodName>a";
  EXPECT_TRUE(decode_call(latin1 + "</methodName></methodCall>"));
  EXPECT_THAT(fault_text(latin1 + "\xe4</methodName></methodCall>"),
              testing::EndsWith("Invalid token, starting 0 bytes in"));
}

// Each is one element deep as a careless reader counts it, and ends the stack of one that recurses.
TEST(RpcDecode, DeepNestingIsRefusedHoweverItIsHidden) {
  for (const char* open : {"<a>", "<a b='/>'>", "<a b=\"'/>\">", "<a><?x </a>?>", "<a><!--</a>-->",
                           "<a><![CDATA[</a>]]>", "<a ", "<value><array><data>"}) {
    EXPECT_NE(fault_text(repeated(open, 300'000)), "no fault") << open;
    EXPECT_NE(fault_text(call_with("<value>" + repeated(open, 300'000))), "no fault") << open;
  }
  const std::string deep = repeated("<value><array><data>", 70) + "<value>x</value>" +
                           repeated("</data></array></value>", 70);
  EXPECT_NE(fault_text(call_with(deep)).find("levels deep"), std::string::npos);
}

TEST(RpcDecode, GarbageIsAFault) {
  const std::string whole = call_with("<value><string>x</string></value>");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(fault_text(std::string_view(whole).substr(0, size)), "no fault") << size;
  }
  for (int c = 1; c < 256; ++c) {
    std::string broken = whole;
    broken[60] = static_cast<char>(c);
    (void)decode_call(broken);  // whatever it is: no crash (the sanitizers look on)
  }
}

TEST(RpcDecode, TagsMayEndNowhere) {
  for (const char* value : {"<value><i8", "<value><i8 a=\"", "<value><i8>", "<value><i8>1", "<"}) {
    EXPECT_NE(fault_text(std::string("<methodCall>") + value), "no fault") << value;
  }
}

/// The values of an answer as a client reads them, one per line.
std::string values_of(std::string_view document) {
  const auto parsed = XmlDocument::parse(document);
  if (!parsed) return parsed.error().message;
  std::string out;
  const auto data = parsed->root().child("params").child("param").child("value").child("array");
  for (const XmlNode& value : data.child("data").children("value")) {
    const auto type = value.children().at(0);
    out += fmt::format("{}={}\n", type.name(), type.text());
  }
  return out;
}

TEST(RpcEncode, SuccessIsThreeElementsAndFailureFive) {
  EXPECT_EQ(values_of(encode_answer(reply_array(12))), "boolean=1\ni4=12\ni4=0\n");
  EXPECT_EQ(values_of(encode_answer(reply_array("<VM/>"))), "boolean=1\nstring=<VM/>\ni4=0\n");
  EXPECT_EQ(values_of(encode_answer(reply_array(Error{Code::no_exists, "gone", 7}))),
            "boolean=0\nstring=gone\ni4=1024\ni4=7\ni8=-1\n");
}

TEST(RpcEncode, FaultsAreStructs) {
  const std::string document = encode_answer(api::Fault{FaultCode::type, "Not enough parameters"});
  EXPECT_NE(document.find("<name>faultCode</name>\r\n<value><i4>-501</i4></value>"),
            std::string::npos);
  EXPECT_NE(document.find("<value><string>Not enough parameters</string></value>"),
            std::string::npos);
}

TEST(RpcEncode, TextsSurviveTheWire) {
  const std::string text = "a<b>&\"' \r\n\t \xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82";
  EXPECT_EQ(values_of(encode_answer(reply_array(text))), "boolean=1\nstring=" + text + "\ni4=0\n");
}

TEST(RpcEncode, WhatXmlCannotHoldIsLeftOutOrReplaced) {
  const std::string text =
      std::string("a\0b\x01", 4) + "\xff|\xc3|\xed\xa0\x80|\xc0\x80|\xf4\x90\x80\x80";
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(values_of(encode_answer(reply_array(text))),
            "boolean=1\nstring=ab" + mark + "|" + mark + "|" + mark + mark + mark + "|" + mark +
                mark + "|" + mark + mark + mark + mark + "\ni4=0\n");
}

TEST(RpcEncode, CharactersThatXmlForbidsAreReplaced) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(values_of(encode_answer(reply_array("\xEF\xBF\xBF|\xEF\xBF\xBE|\xEF\xBF\xBC"))),
            "boolean=1\nstring=" + mark + mark + mark + "|" + mark + mark + mark +
                "|\xEF\xBF\xBC\ni4=0\n");
}

TEST(RpcEncode, LongErrorsAreClippedBetweenCharacters) {
  const std::string text = std::string(4095, 'x') + "éééé";
  const Value reply = reply_array(Error{Code::action, text});
  EXPECT_EQ(reply.as<Array>()->at(1), Value(std::string(4095, 'x') + "…"));
  EXPECT_LT(encode_answer(api::Fault{FaultCode::internal, std::string(1'000'000, 'x')}).size(),
            5000U);
  const std::string document(1'000'000, 'x');
  EXPECT_GT(encode_answer(reply_array(Value(document))).size(), document.size());
}

TEST(RpcEncode, EveryTypeIsWritten) {
  const std::string document = encode_answer(
      Array{1.5, api::Nil{}, api::Bytes{"ab"}, api::Bytes{"abc"}, api::Bytes{"a"}, Array{Array{}}});
  EXPECT_EQ(values_of(document),
            "double=1.500000\nnil=\nbase64=YWI=\nbase64=YWJj\nbase64=YQ==\narray=\n");
}

}  // namespace
}  // namespace nubo::rpc
