// SPDX-License-Identifier: Apache-2.0
// Run: one command line while it is carried out: its arguments and options, the calls it makes and
// what it prints. Lives for one command, in one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/options.h"
#include "cli/shell.h"
#include "cli/tool.h"
#include "text/xml_reader.h"

namespace nubo::cli {

/// An argument after its format was checked (sheet cli.md §1.5).
struct Argument {
  std::string text;
  std::vector<int> ids;   // of range and list formats, in order
  std::optional<int> id;  // of formats that name one object
};

class Run {
 public:
  Run(Shell& the_shell, const Tool& the_tool, const Command& the_command)
      : shell(the_shell), tool(the_tool), command(the_command) {}

  Shell& shell;
  const Tool& tool;
  const Command& command;
  Options options;
  std::vector<Argument> arguments;

  bool has(std::size_t argument) const { return argument < arguments.size(); }

  /// The text of that argument, or "".
  std::string text(std::size_t argument) const;
  /// The id of that argument, or `otherwise` when it was not given.
  int id(std::size_t argument, int otherwise = -1) const;
  /// The objects of the first argument, whether one or several.
  std::vector<int> targets() const;

  /// One call; `method` behind "one.", or behind "one.<tool's api>." when it has no dot.
  Result<Answer> call(std::string_view method, const std::vector<Parameter>& parameters);
  Result<int> call_for_id(std::string_view method, const std::vector<Parameter>& parameters);
  Result<std::string> call_for_text(std::string_view method,
                                    const std::vector<Parameter>& parameters);
  Result<XmlDocument> call_for_document(std::string_view method,
                                        const std::vector<Parameter>& parameters);

  /// The whole pool, read once in the life of this Run.
  Result<XmlNode> pool(const Pool& pool);
  /// The id that the text is or names. "VM named x not found."
  Result<int> find(const char* pool_key, const std::string& text);
  /// Of all objects of that pool, by id; empty when it cannot be read.
  const std::map<std::string, std::string>& names(const char* pool_key);

  /// Runs `step` for each target; prints its error and goes on. The exit code of the last failure.
  int for_each(const std::function<Status(int id)>& step);
  /// With --verbose: "VM 3: <what>".
  void done(int id, std::string_view what);
  std::string resource() const;

  void print(std::string_view text) { shell.out << text; }

  void line(std::string_view text) { shell.out << text << '\n'; }

  void error_line(std::string_view text) { shell.err << text << '\n'; }

 private:
  Result<Caller*> caller();

  std::optional<Caller> caller_;
  std::map<std::string, XmlDocument, std::less<>> pools_;
  std::map<std::string, std::map<std::string, std::string>, std::less<>> names_;
};

/// Checks one argument against its formats, "range|vmid_list"; `index` counts from 0.
struct ArgumentSpec {
  std::string_view formats;
  bool optional = false;
};

std::vector<ArgumentSpec> argument_specs(std::string_view usage);
Result<Argument> parse_argument(Run& run, const ArgumentSpec& spec, const std::string& text,
                                std::size_t index);

/// "1,3..5" → 1 3 4 5; nothing when the text is no range.
std::optional<std::vector<int>> parse_range(std::string text);
/// The first digits of a text as a number, 0 when there are none.
int leading_int(std::string_view text);

/// Finds the command in `words`, parses, checks and carries it out; the process's exit code.
int run_tool(Shell& shell, const Tool& tool, const std::vector<std::string>& words);

/// The options that every command knows.
OptionGroup global_options();
/// The option groups of a command, own ones first.
std::vector<OptionGroup> option_groups(const Tool& tool, const Command& command);
/// The commands of a tool: its own, then the shared ones.
std::vector<Command> all_commands(const Tool& tool);

void print_tool_help(std::ostream& out, const Tool& tool);
void print_command_help(std::ostream& out, const Tool& tool, const Command& command);

}  // namespace nubo::cli
