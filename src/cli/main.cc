// SPDX-License-Identifier: Apache-2.0
// The `one` program: the tool is the name it was called by (a link), or its first word.
#include <fmt/ostream.h>

#include <iostream>
#include <string>
#include <vector>

#include "cli/run.h"

namespace {

int print_overview() {
  fmt::print(std::cout, "Nubo {}\n\nUsage: one TOOL COMMAND …, or oneTOOL COMMAND …\n\nTools:\n",
             NUBO_VERSION);
  for (const nubo::cli::Tool& tool : nubo::cli::all_tools()) {
    fmt::print(std::cout, "  {}\n", tool.name.substr(3));
  }
  fmt::print(std::cout, "\n`one help TOOL` lists the commands of a tool.\n");
  return 0;
}

const nubo::cli::Tool* named(const std::string& word) {
  const nubo::cli::Tool* tool = nubo::cli::find_tool(word);
  return tool ? tool : nubo::cli::find_tool("one" + word);
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  std::vector<std::string> words(argv + 1, argv + argc);
  std::string name(argv[0]);
  name.erase(0, name.find_last_of('/') + 1);
  const nubo::cli::Tool* tool = nubo::cli::find_tool(name);
  if (!tool && name != "one") {
    fmt::print(std::cerr, "There is no tool {} yet\n", name);
    return 255;
  }
  if (!tool) {
    if (words.empty() || words[0] == "--help" || words[0] == "-h") return print_overview();
    if (words[0] == "--version" || words[0] == "-V") {
      fmt::print(std::cout, "Nubo {}\n", NUBO_VERSION);
      return 0;
    }
    const bool help = words[0] == "help";
    if (help) words.erase(words.begin());
    if (words.empty()) return print_overview();
    tool = named(words[0]);
    if (!tool) {
      fmt::print(std::cerr, "There is no tool {}\n", words[0]);
      return 255;
    }
    words.erase(words.begin());
    if (help) words = {"--help"};
  }
  nubo::cli::Shell shell = nubo::cli::system_shell();
  const int code = nubo::cli::run_tool(shell, *tool, words);
  std::cout.flush();
  return code;
}
