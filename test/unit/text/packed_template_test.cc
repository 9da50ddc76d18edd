// SPDX-License-Identifier: Apache-2.0
#include "text/packed_template.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

Template of(std::string_view text) { return *parse_template(text); }

TEST(PackedTemplate, GivesBackWhatWasPacked) {
  Template attributes = of("A=1\nB=[K=v,L=\"w x\"]\nB=[K=u]\nC=\"\"");
  attributes.add("D", "<A><![CDATA[2]]></A>");
  attributes.add("E", "a]]>b]]>");
  attributes.add("F", Vector{});
  EXPECT_EQ(PackedTemplate(attributes).unpack(), attributes);
  EXPECT_EQ(PackedTemplate(Template()).unpack(), Template());
}

TEST(PackedTemplate, FindsTheFirstSingleAttributeOfAName) {
  Template attributes = of("A=[K=1]\nA=2\nA=3\nN=7");
  attributes.add("B", "<N><![CDATA[8]]></N>");
  const PackedTemplate packed(attributes);
  EXPECT_EQ(packed.get("A"), "2");
  EXPECT_EQ(packed.number<int>("N"), 7);
  EXPECT_EQ(packed.get("K"), "");
  EXPECT_TRUE(packed.contains("A"));
  EXPECT_FALSE(packed.contains("K"));
}

TEST(PackedTemplate, ChangesWithoutTouchingItsCopies) {
  PackedTemplate packed(of("A=1\nB=[K=v]\nB=2"));
  const PackedTemplate before = packed;
  packed.set("B", "x");
  packed.set("C", "y");
  packed.erase("A");
  packed.erase("MISSING");
  EXPECT_EQ(packed.unpack(), of("B=x\nC=y"));
  EXPECT_EQ(before.unpack(), of("A=1\nB=[K=v]\nB=2"));
  packed.erase("B");
  packed.erase("C");
  EXPECT_TRUE(packed.empty());
}

TEST(PackedTemplate, ShowsTheElementsOfDocuments) {
  Template attributes = of("B=[K=v]");
  attributes.add("A", "x]]>");
  EXPECT_EQ(PackedTemplate(attributes).elements(),
            "<A><![CDATA[x]]]]><![CDATA[>]]></A><B><K><![CDATA[v]]></K></B>");
}

}  // namespace
}  // namespace nubo
