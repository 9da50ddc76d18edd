// SPDX-License-Identifier: Apache-2.0
// From the words of a command line to the command that they name (sheet cli.md §1.1).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/run.h"
#include "cli/shared_commands.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array global_group{
    Option{"verbose", 'v', Takes::nothing, "", "Verbose mode"},
    Option{"help", 'h', Takes::nothing, "", "Show this message"},
    Option{"version", 'V', Takes::nothing, "", "Show version and copyright information"},
    Option{"user", 0, Takes::text, "name", "User name used to connect"},
    Option{"password", 0, Takes::text, "password", "Password to authenticate"},
    Option{"endpoint", 0, Takes::text, "endpoint", "URL of the API"},
    Option{"grpc", 0, Takes::nothing, "", "Not supported: calls go over XML-RPC"},
};
// onehost gave -v another meaning; where it is not --vm it is --version.
constexpr std::array host_global_group{
    Option{"help", 'h', Takes::nothing, "", "Show this message"},
    Option{"version", 'V', Takes::nothing, "", "Show version and copyright information"},
    Option{"version", 'v', Takes::nothing, "", ""},
    Option{"user", 0, Takes::text, "name", "User name used to connect"},
    Option{"password", 0, Takes::text, "password", "Password to authenticate"},
    Option{"endpoint", 0, Takes::text, "endpoint", "URL of the API"},
};

struct Found {
  std::optional<Command> command;
  std::size_t words = 0;  // how many words of the line name it
};

// Some names are two words: they are joined until a command is found.
Found find_command(const Tool& tool, const std::vector<std::string>& words) {
  std::string name;
  for (std::size_t used = 0; used < words.size(); ++used) {
    if (words[used].starts_with('-')) break;
    name += (name.empty() ? "" : " ") + words[used];
    for (const Command& command : all_commands(tool)) {
      if (command.name == name) return {command, used + 1};
    }
  }
  return {};
}

std::string usage_of(std::span<const ArgumentSpec> specs) {
  std::vector<std::string> words;
  for (const ArgumentSpec& spec : specs) {
    words.push_back(fmt::format(fmt::runtime(spec.optional ? "[{}]" : "<{}>"), spec.formats));
  }
  return join(words, " ");
}

std::optional<int> too_few(Run& run, std::span<const ArgumentSpec> specs, std::size_t given) {
  const auto needed =
      static_cast<std::size_t>(std::ranges::count(specs, false, &ArgumentSpec::optional));
  if (given >= needed) return {};
  run.error_line(needed == 1
                     ? fmt::format("Command {} requires one parameter to run", run.command.name)
                     : fmt::format("Command {} requires {} parameters to run.", run.command.name,
                                   specs.size()));
  print_command_help(run.shell.out, run.tool, run.command);
  return 255;
}

Status check_arguments(Run& run, const std::vector<std::string>& words,
                       std::span<const ArgumentSpec> specs) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i >= specs.size()) {
      return fail(Code::api, "Wrong number of arguments\n{}",
                  specs.empty() ? "No argument is required"
                                : "The arguments should be: " + usage_of(specs));
    }
    NUBO_TRY(Argument argument, parse_argument(run, specs[i], words[i], i));
    run.arguments.push_back(std::move(argument));
  }
  return ok();
}

int exit_code(Run& run, const Result<int>& result) {
  if (result) return *result;
  run.error_line(result.error().message);
  return 255;
}

int run_command(Run& run, const std::vector<std::string>& words) {
  const std::vector<OptionGroup> groups = option_groups(run.tool, run.command);
  const ObjectLookup lookup = [&](const char* pool, const std::string& text) {
    return run.find(pool, text);
  };
  Result<ParsedLine> line = parse_line(words, groups, lookup, run.options);
  if (run.options.has("help")) {
    print_command_help(run.shell.out, run.tool, run.command);
    return 0;
  }
  if (run.options.has("version")) {
    run.line(fmt::format("Nubo {}", NUBO_VERSION));
    return 0;
  }
  if (!line) return exit_code(run, Failure(line.error()));
  const std::vector<ArgumentSpec> specs = argument_specs(run.command.arguments);
  if (const std::optional<int> code = too_few(run, specs, line->arguments.size())) return *code;
  if (const Status status = check_arguments(run, line->arguments, specs); !status) {
    return exit_code(run, Failure(status.error()));
  }
  return exit_code(
      run, run.command.handler ? run.command.handler(run) : run_each(run, run.command.each));
}

}  // namespace

std::vector<Command> all_commands(const Tool& tool) {
  std::vector<Command> commands(tool.commands.begin(), tool.commands.end());
  for (const Command& command : shared_commands(tool)) {
    if (std::ranges::find(commands, command.name, &Command::name) == commands.end()) {
      commands.push_back(command);
    }
  }
  return commands;
}

std::vector<OptionGroup> option_groups(const Tool& tool, const Command& command) {
  std::vector<OptionGroup> groups;
  for (const OptionSource& source : command.options) {
    if (const OptionGroup group = source.get(); !group.empty()) groups.push_back(group);
  }
  groups.push_back(tool.name == "onehost" ? OptionGroup(host_global_group)
                                          : OptionGroup(global_group));
  return groups;
}

int run_tool(Shell& shell, const Tool& tool, const std::vector<std::string>& words) {
  if (tool.main) {
    const Command command{"", "", "", {}, tool.main, {tool.list_options}};
    Run run(shell, tool, command);
    return run_command(run, words);
  }
  if (words.empty() || words.front().starts_with('-')) {
    print_tool_help(shell.out, tool);
    return 0;
  }
  const Found found = find_command(tool, words);
  if (!found.command) {
    std::vector<std::string> names;
    for (const std::string& word : words) {
      if (word.starts_with('-')) break;
      names.push_back(word);
    }
    shell.err << fmt::format("Command '{}' not found\n", join(names, " "));
    print_tool_help(shell.out, tool);
    return 0;
  }
  Run run(shell, tool, *found.command);
  return run_command(run, {words.begin() + static_cast<long>(found.words), words.end()});
}

}  // namespace nubo::cli
