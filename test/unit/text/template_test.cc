// SPDX-License-Identifier: Apache-2.0
#include "text/template.h"

#include <gtest/gtest.h>

#include "text/xml_reader.h"
#include "text/xml_writer.h"

namespace nubo {
namespace {

Template of(std::string_view text) { return *parse_template(text); }

std::string text_after_update(std::string_view before, std::string_view update) {
  Template attributes = of(before);
  attributes.merge(of(update));
  return to_text(attributes);
}

TEST(Template, KeepsNamesSortedAndEqualNamesInOrder) {
  Template attributes;
  attributes.add("B", "1");
  attributes.add("A", "1");
  attributes.add("B", "0");
  attributes.add("A", Vector{{"K", "v"}});
  EXPECT_EQ(to_text(attributes), "A=\"1\"\nA=[K=\"v\"]\nB=\"1\"\nB=\"0\"\n");
  EXPECT_EQ(attributes.size(), 4U);
}

TEST(Template, FindsByNameAndKind) {
  const Template attributes = of("A=[K=1]\nA=2\nA=[K=3]\nN=7\nY=yes");
  EXPECT_EQ(attributes.get("A"), "2");
  EXPECT_EQ(attributes.get("MISSING"), "");
  EXPECT_EQ(attributes.number<int>("N"), 7);
  EXPECT_EQ(attributes.number<int>("Y"), std::nullopt);
  EXPECT_TRUE(attributes.yes("Y"));
  EXPECT_TRUE(attributes.yes("MISSING", true));
  EXPECT_EQ(attributes.vectors("A").size(), 2U);
  EXPECT_EQ(attributes.vector("A")->get("K"), "1");
  EXPECT_EQ(attributes.vector("N"), nullptr);
  EXPECT_TRUE(attributes.contains("A"));
  EXPECT_FALSE(attributes.contains("a"));
}

TEST(Template, SetReplacesAllOfTheName) {
  Template attributes = of("A=1\nA=[K=1]\nB=2");
  attributes.set("A", "3");
  EXPECT_EQ(to_text(attributes), "A=\"3\"\nB=\"2\"\n");
}

TEST(Template, TakeHandsAllOfTheNameOver) {
  Template attributes = of("A=1\nA=[K=1]\nB=2");
  EXPECT_EQ(attributes.take("A").size(), 2U);
  EXPECT_EQ(attributes.erase("A"), 0U);
  EXPECT_EQ(attributes, of("B=2"));
}

TEST(Template, MergeReplacesByName) {
  EXPECT_EQ(text_after_update("A=1\nB=2", "C=3"), "A=\"1\"\nB=\"2\"\nC=\"3\"\n");
  EXPECT_EQ(text_after_update("A=1\nA=2\nB=2", "A=3"), "A=\"3\"\nB=\"2\"\n");
  EXPECT_EQ(text_after_update("A=1\nB=2", "A=[K=1]\nA=4"), "A=[K=\"1\"]\nA=\"4\"\nB=\"2\"\n");
  EXPECT_EQ(text_after_update("A=1\nB=2", "A=[]"), "B=\"2\"\n");
  EXPECT_EQ(text_after_update("A=1", "A=\n"), "A=\"\"\n");
}

TEST(Template, DropsEmptyVectors) {
  Template attributes = of("A=[]\nB=\"\"\nC=[K=\"\"]");
  attributes.drop_empty_vectors();
  EXPECT_EQ(to_text(attributes), "B=\"\"\nC=[K=\"\"]\n");
}

TEST(Template, GoesThroughXmlUnchanged) {
  const Template attributes = of("A=\"<x> & ]\"\nB=\"\"\nV=[K=\"1\",L=\"\"]\nV=[M=\"a\nb\"]");
  std::string xml = "<TEMPLATE>";
  XmlWriter out(xml);
  write_attributes(out, attributes);
  out.close("TEMPLATE");
  const Result<XmlDocument> document = XmlDocument::parse(xml);
  ASSERT_TRUE(document);
  EXPECT_EQ(read_attributes(document->root()), attributes);
  EXPECT_NE(parse_template(xml)->get("A"), "");
}

TEST(Vector, SetsDefaultsOnlyWhereNothingIs) {
  Vector vector{{"A", "1"}, {"B", ""}};
  vector.set_default("A", "x");
  vector.set_default("B", "x");
  vector.set_default("C", "x");
  EXPECT_EQ(vector, (Vector{{"A", "1"}, {"B", "x"}, {"C", "x"}}));
  EXPECT_EQ(vector.number<int>("A"), 1);
  EXPECT_TRUE(vector.yes("A"));
  EXPECT_FALSE(vector.yes("Z"));
  EXPECT_TRUE(vector.erase("A"));
  EXPECT_FALSE(vector.erase("A"));
}

}  // namespace
}  // namespace nubo
