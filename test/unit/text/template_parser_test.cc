// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/template.h"
#include "text/xml_writer.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;

std::string xml_of(const Template& attributes) {
  std::string xml;
  XmlWriter out(xml);
  write_attributes(out, attributes);
  return xml;
}

/// NAME=value or NAME[KEY=value,] for each attribute, one a line, as the documents order them.
std::string shown(const Template& attributes) {
  std::string text;
  for (const Attribute& attribute : attributes) {
    text += attribute.name;
    if (const std::string* value = attribute.single()) {
      text += "=" + *value;
    } else {
      text += "[";
      for (const auto& [key, value_of_key] : *attribute.vector()) {
        text += key + "=" + value_of_key + ",";
      }
      text += "]";
    }
    text += "\n";
  }
  return text;
}

struct Case {
  const char* given;
  const char* result;  // as shown(), or the error without its place
};

std::string outcome(std::string_view given) {
  const Result<Template> parsed = parse_template(given);
  if (parsed) return shown(*parsed);
  return parsed.error().message.substr(0, parsed.error().message.find(" at line "));
}

// What oned 7.4.0 made of these texts (probed).
constexpr Case accepted[] = {
    {"", ""},
    {"# only a comment\n", ""},
    {"a=1", "A=1\n"},
    {"A = 5", "A=5\n"},
    {"\tA=1", "A=1\n"},
    {"A=1\nB=2", "A=1\nB=2\n"},
    {"A=1 B=2", "A=1\nB=2\n"},
    {"A=1\n\n\n\nB=2\n", "A=1\nB=2\n"},
    {"A=1\r\nB=2\r\n", "A=1\nB=2\n"},
    {"A=1 # c\nB=2", "A=1\nB=2\n"},
    {"A=\"x\" # tail\nB=\"y\"", "A=x\nB=y\n"},
    {"#c1\n#c2\nA=1\n", "A=1\n"},
    {"A=# c\nB=1", "A=c\nB=1\n"},
    {"A+=1", "A=1\n"},
    {"A==1", "A=1\n"},
    {"A=\nB=2", "A=\nB=2\n"},
    {"A=\"\"", "A=\n"},
    {"A=\" \"", "A=\n"},
    {"A=\"\n\"", "A=\n"},
    {"A=\"  pad  \"", "A=pad\n"},
    {"A= \"spaces before quote\"", "A=spaces before quote\n"},
    {"A=\"1 # c\"", "A=1 # c\n"},
    {"A=\"two\nlines\"", "A=two\nlines\n"},
    {"A=\"tab\there\"", "A=tab\there\n"},
    {"A=\"a,b,c\"", "A=a,b,c\n"},
    {"A=\"]\"", "A=]\n"},
    {"A=\"]]\"", "A=]]\n"},
    {"A=\"&amp; <b> > ' end\"", "A=&amp; <b> > ' end\n"},
    {"A=\"über — 漢字\"", "A=über — 漢字\n"},
    {R"(A="q\"uo\"te")", "A=q\"uo\"te\n"},
    {R"(A="back\\slash\n")", "A=back\\\\slash\\n\n"},
    {R"(A="\")", "A=\\\n"},
    {R"(A="ends with backslash\\")", "A=ends with backslash\\\\\n"},
    {R"(A="{\"j\": [1, 2]}")", "A={\"j\": [1, 2]}\n"},
    {"A=\"unclosed", "A=\"unclosed\n"},
    {"A=unclosed\"", "A=unclosed\"\n"},
    {"A=\"a\"\"b\"", "A=\"a\"\"b\"\n"},
    {"A='x'", "A='x'\n"},
    {"A=a\"b\"c", "A=a\"b\"c\n"},
    {"A=$(x)", "A=$(x)\n"},
    {"A=é", "A=é\n"},
    {"A=-1.50", "A=-1.50\n"},
    {"A=+", "A=+\n"},
    {"A={\"j\":1}", "A={\"j\":1}\n"},
    {"A=http://h:80/p?q", "A=http://h:80/p?q\n"},
    {"A=a;b", "A=a;b\n"},
    {"A=<b>", "A=<b>\n"},
    {"A=\\n", "A=\\n\n"},
    {"1A=1", "ONE_1A=1\n"},
    {"XMLFOO=1", "ONE_XMLFOO=1\n"},
    {"xml_a=1", "ONE_XML_A=1\n"},
    {"_u=2", "_U=2\n"},
    {"Z=1\nA=2\nM=3\nA=0", "A=2\nA=0\nM=3\nZ=1\n"},
    {"A=[]", "A[]\n"},
    {"A=[B=\"\"]", "A[B=,]\n"},
    {"A=[B=1,B=2]", "A[B=1,]\n"},
    {"A=[b=1, c=\"x, y ] z\"]", "A[B=1,C=x, y ] z,]\n"},
    {"A=[ B = 1 ,\n C = 2 ]", "A[B=1,C=2,]\n"},
    {"A=[B=1]C=2", "A[B=1,]\nC=2\n"},
    {"A=[B=#1]", "A[B=1,]\n"},
    {"A=[ # c\nB=1 # d\n, C=2]", "A[B=1,C=2,]\n"},
    {"w=[z=\" trim \"]", "W[Z=trim,]\n"},
    {"A=[B=\"multi\nline\", C=3]", "A[B=multi\nline,C=3,]\n"},
    {R"(V=[A="esc \" in",B=x])", "V[A=esc \" in,B=x,]\n"},
    {"M=[K=\"a=b\"]\nM=[K=\"c\"]\nM=plain", "M[K=a=b,]\nM[K=c,]\nM=plain\n"},
};

constexpr Case accepted_xml[] = {
    {"<T/>", ""},
    {"<T><A><B>1</B><c>2</c></A><D><![CDATA[x & y]]></D><E/></T>", "A[B=1,c=2,]\nD=x & y\n"},
    {"<T><A>1</A><A>2</A><B><X>1</X></B><B><X>2</X></B></T>", "A=1\nA=2\nB[X=1,]\nB[X=2,]\n"},
    {"<T><A attr=\"5\">v</A></T>", "A=v\n"},
    {"<T><A> spaced </A></T>", "A=spaced\n"},
    {"<T><V><K>1</K><K>2</K><L><M>deep</M></L></V></T>", "V[K=2,]\n"},
    {"<T><V><L><M>deep</M></L></V></T>", ""},
    {"<T><E></E><F> </F><G><![CDATA[]]></G></T>", "F=\nG=\n"},
    {"<VMTEMPLATE><NUM>&#65;&lt;</NUM></VMTEMPLATE>", "NUM=A<\n"},
    {"<T>text<A>1</A>more</T>", "A=1\n"},
    {"<?xml version=\"1.0\"?><T><A>1</A></T>", "A=1\n"},
    {"<T><!-- c --><A>1</A></T>", "A=1\n"},
    {"<T xmlns=\"u\"><A>1</A></T>", "A=1\n"},
    {"<T><a.b>1</a.b><A-B>2</A-B></T>", "A-B=2\nA.B=1\n"},
    {"<T><A>]]&gt;</A></T>", ""},
};

constexpr Case refused[] = {
    {"A", "unexpected $end, expecting EQUAL or EQUAL_EMPTY"},
    {"A=", "unexpected $end, expecting OBRACKET or CCDATA or STRING"},
    {"A=]", "unexpected $end, expecting OBRACKET or CCDATA or STRING"},
    {"A=x y", "unexpected $end, expecting EQUAL or EQUAL_EMPTY"},
    {"A\n=\n5", "unexpected $end, expecting EQUAL or EQUAL_EMPTY"},
    {"A=\"a\" b", "unexpected $end, expecting EQUAL or EQUAL_EMPTY"},
    {"A=a,b", "unexpected COMMA, expecting $end"},
    {"A=1,B=2", "unexpected COMMA, expecting $end"},
    {"A=a=b", "unexpected EQUAL, expecting $end"},
    {"=1", "unexpected EQUAL, expecting $end"},
    {"A=1;B=2", "unexpected EQUAL, expecting $end"},
    {"A=\"1\"B=\"2\"", "unexpected EQUAL, expecting $end"},
    {"V=k=\"v\"]", "unexpected EQUAL, expecting $end"},
    {"É=1", "unexpected EQUAL, expecting $end"},
    {"[B=1]", "unexpected CBRACKET, expecting $end"},
    {"A-B=1", "unexpected VARIABLE, expecting EQUAL or EQUAL_EMPTY"},
    {"A.B=1", "unexpected VARIABLE, expecting EQUAL or EQUAL_EMPTY"},
    {"A/B=2", "unexpected VARIABLE, expecting EQUAL or EQUAL_EMPTY"},
    {"A=1 #no newline", "unexpected VARIABLE, expecting EQUAL or EQUAL_EMPTY"},
    {" <A>1</A>", "unexpected VARIABLE, expecting EQUAL or EQUAL_EMPTY"},
    {"A=[", "unexpected $end, expecting CBRACKET or VARIABLE"},
    {"A=[=1]", "unexpected EQUAL, expecting CBRACKET or VARIABLE"},
    {"A=[,]", "unexpected COMMA, expecting CBRACKET or VARIABLE"},
    {"A=[B 1]", "unexpected VARIABLE, expecting EQUAL"},
    {"A=[B=]", "unexpected $end, expecting STRING"},
    {"A=[B=[C=1]]", "unexpected OBRACKET, expecting STRING"},
    {"A=[B=1", "unexpected $end, expecting COMMA or CBRACKET"},
    {"V=[A=\"1\" B=\"2\"]", "unexpected VARIABLE, expecting COMMA or CBRACKET"},
    {"A=[B=1,]", "unexpected CBRACKET, expecting VARIABLE"},
    {"A=[B=1,,C=2]", "unexpected COMMA, expecting VARIABLE"},
};

constexpr Case refused_otherwise[] = {
    {"A=\"x]]>y\"", "Parse error."},
    {"V=[A=\"]]>\"]", "Parse error."},
    {"<T><A>1</T>", "Parse error: XML Template malformed."},
    {"<T><1A>x</1A></T>", "Parse error: XML Template malformed."},
    {"<!DOCTYPE T [<!ENTITY e \"x\">]><T><A>&e;</A></T>", "Parse error: XML Template malformed."},
    {"<T><A>&#1;</A></T>", "Parse error: XML Template malformed."},
    {"A=\"\x01\"", "Parse error: byte 0x01 at offset 3 is not valid text"},
    {"A=\xff", "Parse error: byte 0xff at offset 2 is not valid text"},
};

TEST(TemplateParser, ReadsWhatOnedReads) {
  for (const Case& row : accepted) EXPECT_EQ(outcome(row.given), row.result) << row.given;
  for (const Case& row : accepted_xml) EXPECT_EQ(outcome(row.given), row.result) << row.given;
}

TEST(TemplateParser, NamesTheUnexpectedToken) {
  for (const Case& row : refused) {
    EXPECT_EQ(outcome(row.given), std::string("Parse error: syntax error, ") + row.result)
        << row.given;
  }
}

TEST(TemplateParser, RefusesWhatDocumentsCannotHold) {
  for (const Case& row : refused_otherwise) EXPECT_EQ(outcome(row.given), row.result) << row.given;
}

TEST(TemplateParser, SaysWhereTheErrorIs) {
  const Result<Template> parsed = parse_template("A=1\nBB=[C=2 DD=3]\n");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Code::internal);
  EXPECT_THAT(parsed.error().message, HasSubstr(" at line 2, columns 9:10"));
}

TEST(TemplateParser, PrefixesKeysThatCannotNameAnElement) {
  EXPECT_EQ(xml_of(*parse_template("A=[1b=2]")), "<A><ONE_1B><![CDATA[2]]></ONE_1B></A>");
}

TEST(TemplateParser, ReadsHugeTextInTheTimeOfItsLength) {
  std::string descending;
  for (int i = 20'000; i > 0; --i) descending += fmt::format("A{:06}=[K=\"v\"] ", i);
  const Result<Template> parsed = parse_template(descending);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->size(), 20'000U);
  EXPECT_FALSE(parse_template("A=" + std::string(400'000, '#')));
  EXPECT_FALSE(parse_template("A=" + std::string(400'000, '[')));
  EXPECT_TRUE(parse_template("A=" + std::string(400'000, '"')));
}

TEST(TemplateText, ReadsBackEqual) {
  for (const Case& row : accepted) {
    const Template first = *parse_template(row.given);
    const Result<Template> second = parse_template(to_text(first));
    ASSERT_TRUE(second) << to_text(first) << second.error().message;
    EXPECT_EQ(*second, first) << to_text(first);
  }
}

// All values of four characters out of those that mean something in the grammar.
TEST(TemplateText, EscapesAnyValue) {
  constexpr std::string_view characters = "\"\\,]=# \nx";
  constexpr std::string_view blanks = " \n";
  const std::size_t count = characters.size();
  for (std::size_t number = 0; number < count * count * count * count; ++number) {
    std::string value;
    for (std::size_t rest = number, i = 0; i < 4; ++i, rest /= count) {
      value += characters[rest % count];
    }
    if (blanks.find(value.front()) != blanks.npos || blanks.find(value.back()) != blanks.npos) {
      continue;
    }
    Template given;
    given.add("A", value);
    given.add("B", Vector{{"K", value}, {"L", value}});
    given.add("C", value);
    const Result<Template> parsed = parse_template(to_text(given));
    ASSERT_TRUE(parsed) << to_text(given) << parsed.error().message;
    ASSERT_EQ(*parsed, given) << to_text(given);
  }
}

TEST(TemplateText, IsOneAttributeALine) {
  const Template given = *parse_template("B=[y=2,X=\"1 a\"] A=\"say \\\"x\\\"\" C=[]");
  EXPECT_EQ(to_text(given), "A=\"say \\\"x\\\"\"\nB=[X=\"1 a\",Y=\"2\"]\nC=[]\n");
}

}  // namespace
}  // namespace nubo
