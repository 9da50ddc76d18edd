// SPDX-License-Identifier: Apache-2.0
#include "text/fields.h"

#include <gtest/gtest.h>

namespace nubo {
namespace {

enum class Phase { first, second = 7 };

struct Part {
  int number = 0;
  std::string label;
  std::string secret;
  bool operator==(const Part&) const = default;

  static constexpr auto fields() {
    return std::tuple{Field{"NUMBER", &Part::number}, Field{"LABEL", &Part::label, cdata},
                      Field{"SECRET", &Part::secret, stored_only}};
  }
};

struct Whole {
  HostId id;
  std::string name;
  std::string note;
  bool is_on = false;
  long long size = 0;
  Phase phase = Phase::first;
  EpochSeconds since{};
  std::set<VmId> vms;
  Part part;
  std::optional<Part> spare;
  std::vector<Part> parts;
  Template attributes;
  Template extra;
  std::string shown;
  bool operator==(const Whole&) const = default;

  static constexpr auto fields() {
    return std::tuple{Field{"ID", &Whole::id},
                      Field{"NAME", &Whole::name},
                      Field{"NOTE", &Whole::note, cdata | self_closed},
                      Field{"IS_ON", &Whole::is_on},
                      Field{"SIZE", &Whole::size},
                      Field{"PHASE", &Whole::phase, cdata},
                      Field{"SINCE", &Whole::since},
                      Field{"VMS", &Whole::vms},
                      Field{"PART", &Whole::part},
                      Field{"SPARE", &Whole::spare},
                      Field{"EACH", &Whole::parts},
                      Field{"TEMPLATE", &Whole::attributes},
                      Field{"EXTRA", &Whole::extra, self_closed},
                      Field{"SHOWN", &Whole::shown, shown_only}};
  }
};

Whole a_whole() {
  Whole whole{.id = {3}, .name = "a & <b>", .note = "x ]]> y", .is_on = true};
  whole.size = -5'000'000'000;
  whole.phase = Phase::second;
  whole.since = EpochSeconds(1'700'000'000);
  whole.vms = {{9}, {2}};
  whole.part = {1, "one", "s1"};
  whole.spare = Part{2, " two\r\nlines ", "s2"};
  whole.parts = {{3, "", ""}, {4, "four", ""}};
  whole.attributes.add("A", "1");
  whole.attributes.add("A", Vector{{"K", "v"}, {"J", ""}});
  return whole;
}

Whole read_back(const std::string& xml) {
  const Result<XmlDocument> document = XmlDocument::parse(xml);
  EXPECT_TRUE(document) << xml;
  Whole whole;
  if (document) read_fields(document->root(), whole);
  return whole;
}

TEST(Fields, WriteElementsInTheOrderOfTheList) {
  EXPECT_EQ(to_xml("WHOLE", Whole{}, Form::shown),
            "<WHOLE><ID>-1</ID><NAME></NAME><NOTE/><IS_ON>0</IS_ON><SIZE>0</SIZE>"
            "<PHASE><![CDATA[0]]></PHASE><SINCE>0</SINCE><VMS></VMS>"
            "<PART><NUMBER>0</NUMBER><LABEL><![CDATA[]]></LABEL></PART>"
            "<TEMPLATE></TEMPLATE><EXTRA/><SHOWN></SHOWN></WHOLE>");
}

TEST(Fields, WriteIdsAscending) {
  Whole whole;
  whole.vms = {{10}, {9}};
  EXPECT_NE(to_xml("WHOLE", whole, Form::shown).find("<VMS><ID>9</ID><ID>10</ID></VMS>"),
            std::string::npos);
}

TEST(Fields, ReadBackWhatWasStored) {
  EXPECT_EQ(read_back(to_xml("WHOLE", a_whole(), Form::stored)), a_whole());
}

TEST(Fields, KeepAFormInNestedStructs) {
  const std::string shown = to_xml("WHOLE", a_whole(), Form::shown);
  const std::string stored = to_xml("WHOLE", a_whole(), Form::stored);
  EXPECT_EQ(shown.find("SECRET"), std::string::npos);
  EXPECT_NE(stored.find("<SECRET>s1</SECRET>"), std::string::npos);
  EXPECT_EQ(stored.find("SHOWN"), std::string::npos);
}

TEST(Fields, DoNotReadWhatIsOnlyShown) {
  EXPECT_EQ(read_back("<WHOLE><SHOWN>x</SHOWN></WHOLE>").shown, "");
}

TEST(Fields, LeaveMembersWhoseElementIsAbsent) {
  const Whole whole = read_back("<WHOLE><ID>4</ID></WHOLE>");
  EXPECT_EQ(whole.id, HostId{4});
  EXPECT_EQ(whole, (Whole{.id = {4}}));
}

TEST(Fields, ReadNumbersThatAreNoneAsNone) {
  const Whole whole = read_back("<WHOLE><ID>x</ID><SIZE>1x</SIZE><SPARE/></WHOLE>");
  EXPECT_FALSE(whole.id.is_set());
  EXPECT_EQ(whole.size, 0);
  EXPECT_EQ(whole.spare, Part{});
}

}  // namespace
}  // namespace nubo
