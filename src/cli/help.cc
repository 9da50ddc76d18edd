// SPDX-License-Identifier: Apache-2.0
// Help, printed from the tables.
#include <fmt/ostream.h>

#include "cli/run.h"

namespace nubo::cli {
namespace {

void print_options(std::ostream& out, std::span<const OptionGroup> groups) {
  for (const OptionGroup& group : groups) {
    for (const Option& option : group) {
      const std::string letter =
          option.letter ? fmt::format("-{}, ", option.letter) : std::string();
      const char* pattern = option.takes == Takes::optional_text ? "{}--{} [{}]"
                            : *option.argument                   ? "{}--{} {}"
                                                                 : "{}--{}";
      const std::string left =
          fmt::format(fmt::runtime(pattern), letter, option.name, option.argument);
      fmt::print(out, "     {:<32} {}\n", left, option.help);
    }
  }
}

}  // namespace

void print_command_help(std::ostream& out, const Tool& tool, const Command& command) {
  fmt::print(out, "## USAGE\n{} {}{}{} [options]\n    {}\n\n## OPTIONS\n", tool.name, command.name,
             command.arguments.empty() ? "" : " ", command.arguments, command.help);
  const std::vector<OptionGroup> groups = option_groups(tool, command);
  print_options(out, groups);
}

void print_tool_help(std::ostream& out, const Tool& tool) {
  fmt::print(out, "## SYNOPSIS\n{} command [args] [options]\n\n## COMMANDS\n", tool.name);
  for (const Command& command : all_commands(tool)) {
    fmt::print(out, "* {} {}\n        {}\n", command.name, command.arguments, command.help);
    for (const OptionSource& source : command.options) {
      if (const OptionGroup group = source.get(); !group.empty())
        print_options(out, std::span(&group, 1));
    }
    fmt::print(out, "\n");
  }
  fmt::print(out, "## OPTIONS OF EVERY COMMAND\n");
  const std::vector<OptionGroup> groups = option_groups(tool, Command{});
  print_options(out, groups);
  fmt::print(
      out,
      "\n## ARGUMENT FORMATS\n"
      "* range: ids as 1,8..15\n"
      "* ...id: an id, or a name of the pool\n"
      "* ...id_list: ids or names, joined with commas\n"
      "* file: path of a file\n"
      "* filterflag: a, all (all objects), m, mine (own ones), g, group (own groups), G (primary "
      "group), user id or name\n"
      "* octet: 640, or u=rw,g=r\n"
      "* size: a number of MB, or with unit as 10g\n"
      "\n## VERSION\nNubo {}\n",
      NUBO_VERSION);
}

}  // namespace nubo::cli
