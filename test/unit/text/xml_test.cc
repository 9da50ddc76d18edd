// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/xml_reader.h"
#include "text/xml_writer.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view text) {
  const Result<XmlDocument> document = XmlDocument::parse(text);
  return document ? "" : document.error().message;
}

std::string nested(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += "<A>";
  for (int i = 0; i < levels; ++i) text += "</A>";
  return text;
}

TEST(XmlReader, WalksElements) {
  const XmlDocument document = *XmlDocument::parse(
      "<?xml version='1.0'?><!-- c --><R a='1' b='&lt;'>x<V><K>1</K></V><V/>y<![CDATA[<z>]]></R>");
  const XmlNode root = document.root();
  EXPECT_EQ(root.name(), "R");
  EXPECT_EQ(root.attribute("b"), "<");
  EXPECT_EQ(root.attributes().size(), 2U);
  EXPECT_EQ(root.text(), "xy<z>");
  EXPECT_EQ(root.children().size(), 2U);
  EXPECT_EQ(root.children("V").size(), 2U);
  EXPECT_TRUE(root.has_children());
  EXPECT_EQ(root.child("V").get("K"), "1");
  EXPECT_FALSE(root.children("V")[1].has_text());
}

TEST(XmlReader, AnswersQuestionsToANullNode) {
  const XmlNode none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.name(), "");
  EXPECT_EQ(none.child("A").child("B").get("C"), "");
  EXPECT_TRUE(none.children().empty());
  EXPECT_FALSE(none.has_children());
  EXPECT_FALSE(none.has_text());
  EXPECT_TRUE(none.attributes().empty());
}

TEST(XmlReader, KeepsWhiteSpaceOfTextButNotBetweenElements) {
  const XmlDocument document = *XmlDocument::parse("<R>\n <A> </A>\n <B>\r\n</B>\n</R>\n");
  EXPECT_EQ(document.root().text(), "");
  EXPECT_EQ(document.root().get("A"), " ");
  EXPECT_EQ(document.root().get("B"), "\r\n");
}

TEST(XmlReader, RefusesDocumentTypes) {
  EXPECT_THAT(error_of("<!DOCTYPE R [<!ENTITY a \"aaaa\">]><R>&a;</R>"),
              HasSubstr("document type not allowed"));
  EXPECT_THAT(error_of("<!DOCTYPE R SYSTEM \"file:///etc/passwd\"><R/>"),
              HasSubstr("document type not allowed"));
}

TEST(XmlReader, RefusesDeepNesting) {
  EXPECT_EQ(error_of(nested(64)), "");
  EXPECT_THAT(error_of(nested(65)), HasSubstr("more than 64 levels deep"));
  EXPECT_THAT(error_of(nested(100'000)), HasSubstr("more than 64 levels deep"));
}

TEST(XmlReader, RefusesWhatIsNotOneElement) {
  EXPECT_THAT(error_of(""), HasSubstr("XML malformed"));
  EXPECT_THAT(error_of("text"), HasSubstr("outside the root element"));
  EXPECT_THAT(error_of("<!-- c -->"), HasSubstr("no root element"));
  EXPECT_THAT(error_of("<A/><B/>"), HasSubstr("more than one root element"));
  EXPECT_THAT(error_of("<A/>x"), HasSubstr("outside the root element"));
  EXPECT_THAT(error_of("<A><B></A>"), HasSubstr("at byte"));
  EXPECT_THAT(error_of("<A"), HasSubstr("XML malformed"));
}

TEST(XmlReader, RefusesCharactersThatXmlCannotHold) {
  EXPECT_THAT(error_of("<A>\x01</A>"), HasSubstr("invalid character at byte 3"));
  EXPECT_THAT(error_of(std::string_view("<A>\0</A>", 8)), HasSubstr("invalid character at byte 3"));
  EXPECT_THAT(error_of("<A>\xC3</A>"), HasSubstr("invalid character at byte 3"));
  EXPECT_THAT(error_of("<A>&#x1F;</A>"), HasSubstr("invalid character"));
  EXPECT_THAT(error_of("<A>&#xD800;</A>"), HasSubstr("invalid character"));
  EXPECT_EQ(error_of("<A><![CDATA[&#1;]]></A>"), "");
}

TEST(XmlReader, RefusesReferencesToWhatIsNotThere) {
  for (const char* reference : {"&#0;", "&#x0;", "&#000;", "&#4294967296;", "&#x110000;", "&#65",
                                "&#;", "&#x;", "&#-1;", "&nosuch;", "&", "&lt"}) {
    EXPECT_THAT(error_of("<A>b" + std::string(reference) + "c<![CDATA[&#0;]]>&#65;</A>"),
                HasSubstr("XML malformed: invalid "))
        << reference;
  }
  EXPECT_THAT(error_of("<A>&#xFFFF;</A>"), HasSubstr("invalid character"));
  const auto kept = XmlDocument::parse(
      "<?p &?><A><![CDATA[&#0;&]]>&#065;<!-- & -->&#x41;&lt;&gt;&amp;&quot;&apos;</A><!--&-->");
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->root().text(), "&#0;&AA<>&\"'");
}

TEST(ValidXmlPrefix, EndsAtWhatXmlCannotHold) {
  EXPECT_EQ(valid_xml_prefix("a\tb\r\n\x7f\u00e9"), 8U);
  EXPECT_EQ(valid_xml_prefix("a\x1f"), 1U);
  EXPECT_EQ(valid_xml_prefix("ab\xff"), 2U);
  EXPECT_EQ(valid_xml_prefix("a\uFFFD"), 4U);
  EXPECT_EQ(valid_xml_prefix("a\xEF\xBF\xBE"), 1U);
  EXPECT_EQ(valid_xml_prefix("a\xEF\xBF\xBF"), 1U);
}

TEST(XmlWriter, EscapesPlainText) {
  std::string xml;
  XmlWriter out(xml);
  out.open("R");
  out.text("A", "<&>\"'");
  out.number("B", -7);
  out.empty("C");
  out.raw("<D/>");
  out.close("R");
  EXPECT_EQ(xml, "<R><A>&lt;&amp;&gt;&quot;'</A><B>-7</B><C/><D/></R>");
  EXPECT_EQ(XmlDocument::parse(xml)->root().get("A"), "<&>\"'");
}

TEST(XmlWriter, ReplacesWhatNoDocumentCanHold) {
  std::string out;
  XmlWriter writer(out);
  writer.open("R");
  writer.text("A", std::string_view("a\0b\x01\xFFz", 6));
  writer.cdata("B", "\x02]]>\x03");
  writer.close("R");
  const XmlDocument read = *XmlDocument::parse(out);
  EXPECT_EQ(read.root().get("A"),
            "a?b?"
            "?z");
  EXPECT_EQ(read.root().get("B"), "?]]>?");
}

TEST(XmlWriter, SplitsCdataThatHoldsItsEnd) {
  for (const char* value : {"", "x", "]]>", "a]]>b]]>", "]]]]>>", "<&>"}) {
    std::string xml;
    XmlWriter out(xml);
    out.cdata("A", value);
    const Result<XmlDocument> document = XmlDocument::parse(xml);
    ASSERT_TRUE(document) << xml;
    EXPECT_EQ(document->root().text(), value);
  }
}

}  // namespace
}  // namespace nubo
