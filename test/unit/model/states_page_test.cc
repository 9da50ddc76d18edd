// SPDX-License-Identifier: Apache-2.0
// docs/states.md is printed from the VM machine's table: with NUBO_WRITE_DOCS=1 this test writes
// it, otherwise it compares.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "model/vm_machine.h"

namespace nubo {
namespace {

std::string state_name(StatePair pair) { return std::string(names_of(pair).name); }

/// The table without the ways out by force, which every state has.
bool is_plain(VmEvent event) {
  return event != VmEvent::destroy && event != VmEvent::recreate && event != VmEvent::forget;
}

std::string page() {
  std::string text =
      "# The life of a virtual machine\n\n"
      "Printed from the table in `src/model/vm_table.h`. A state that names a driver operation\n"
      "waits for its end; after a restart of `oned` the operation is asked again. Every state can\n"
      "also be left by `onevm recover --delete`, `--delete-db` and, but DONE, `--recreate`.\n\n"
      "| state | event | next state | driver operation |\n|---|---|---|---|\n";
  for (const VmRow& row : vm_rows()) {
    if (!is_plain(row.on)) continue;
    text += fmt::format("| {} | {} | {} | {} |\n", state_name(row.from), name_of(row.on),
                        row.from == row.to ? "=" : state_name(row.to), name_of(row.operation));
  }
  text += "\n## Diagram\n\nWhat users ask for and what driver operations come to.\n\n```mermaid\n"
          "stateDiagram-v2\n";
  std::set<std::string> lines;
  for (const VmRow& row : vm_rows()) {
    const bool shown = row.on < VmEvent::seen_running && row.from != row.to;
    if (shown) {
      lines.insert(fmt::format("  {} --> {}: {}\n", state_name(row.from), state_name(row.to),
                               name_of(row.on)));
    }
  }
  for (const std::string& line : lines) text += line;
  return text + "```\n";
}

TEST(StatesPage, IsWhatTheTableSays) {
  const std::string path = NUBO_SOURCE_DIR "/docs/states.md";
  if (std::getenv("NUBO_WRITE_DOCS") != nullptr) std::ofstream(path) << page();
  std::ifstream file(path);
  const std::string written{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(written, page()) << "run this test with NUBO_WRITE_DOCS=1";
}

}  // namespace
}  // namespace nubo
