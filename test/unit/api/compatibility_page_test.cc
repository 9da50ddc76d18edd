// SPDX-License-Identifier: Apache-2.0
// docs/compatibility.md is printed from the table of calls and the list of OpenNebula's methods:
// with NUBO_WRITE_DOCS=1 this test writes it, otherwise it compares. What stands above the marker
// is written by hand and stays.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "api/calls.h"

namespace nubo {
namespace {

constexpr const char* page_path = NUBO_SOURCE_DIR "/docs/compatibility.md";
constexpr std::string_view marker = "<!-- From here on printed by the tests. -->\n";

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> known_methods() {
  std::ifstream file(NUBO_SOURCE_DIR "/test/data/api/methods.txt");
  std::vector<std::string> methods;
  for (std::string line; std::getline(file, line);) methods.push_back(line);
  return methods;
}

std::map<std::string, std::string> standings() {
  std::map<std::string, std::string> all;
  for (const api::Call& call : api::all_calls()) {
    const std::string later = call.later;
    all[call.name] = later.empty() ? "complete" : "partial: " + later;
  }
  return all;
}

std::string printed_part() {
  const std::map<std::string, std::string> standing = standings();
  std::string rows;
  std::map<std::string, int> counts;
  for (const std::string& method : known_methods()) {
    const auto found = standing.find(method);
    const std::string text = found == standing.end() ? "not there" : found->second;
    ++counts[text.substr(0, text.find(':'))];
    rows += fmt::format("| `{}` | {} |\n", method, text);
  }
  return fmt::format(
      "{}\nOf OpenNebula's {} methods {} are complete, {} are partial (they check their arguments "
      "and rights, change\nthe objects that they should, and refuse what they cannot do yet), {} "
      "are not there.\n\n| method | standing |\n|---|---|\n{}",
      marker, known_methods().size(), counts["complete"], counts["partial"], counts["not there"],
      rows);
}

TEST(CompatibilityPage, IsWhatTheTableOfCallsSays) {
  const std::string page = contents(page_path);
  const std::string by_hand = page.substr(0, page.find(marker));
  if (std::getenv("NUBO_WRITE_DOCS") != nullptr) {
    std::ofstream(page_path) << by_hand << printed_part();
  }
  EXPECT_EQ(contents(page_path), by_hand + printed_part())
      << "run this test with NUBO_WRITE_DOCS=1";
}

TEST(CompatibilityPage, EveryCallIsOneThatOpenNebulaHas) {
  const std::vector<std::string> known = known_methods();
  EXPECT_EQ(known.size(), 307U);
  for (const api::Call& call : api::all_calls()) {
    EXPECT_NE(std::find(known.begin(), known.end(), call.name), known.end()) << call.name;
  }
}

}  // namespace
}  // namespace nubo
