// SPDX-License-Identifier: Apache-2.0
// The commands that most tools have (chown, chmod, lock, update, show …), and the parts of them
// that single tools use for their own.
#pragma once

#include <functional>
#include <string>

#include "cli/run.h"

namespace nubo::cli {

OptionGroup lock_options();
OptionGroup append_options();
OptionGroup decrypt_options();

/// The shared commands that the tool asks for, in its own words for an id.
std::vector<Command> shared_commands(const Tool& tool);

/// Carries out Command::each for every target.
Result<int> run_each(Run& run, const Each& each);
/// The parameters of one Each for the object `id`.
std::vector<Parameter> each_parameters(const Run& run, std::string_view words, int id);

/// Where the text of an update comes from: the file argument, what waits in standard input, or the
/// editor, which starts from `current`.
struct TextSource {
  std::size_t file_argument = 1;
  bool piped = true;
  std::function<Result<std::string>()> current;
};

Result<std::string> edited_text(Run& run, const TextSource& source);
/// The exit code for an error of edited_text(): some are told on standard output.
Result<int> report_edit_error(Run& run, const Error& error);

/// The text of `create`: file argument or standard input; nothing when there is neither.
std::optional<std::string> created_text(Run& run, std::size_t file_argument);

/// The object of the command's argument, as `show` asks for it.
Result<XmlDocument> object_document(Run& run, int id);

/// `text` with %i as the number of the `index`th object. `first`: where the numbers begin, with as
/// many digits: "008".
std::string numbered_name(const std::string& text, const std::string& first, int index);

/// Prints "ID: 3".
Result<int> print_id(Run& run, const Result<int>& id, std::string_view label = "ID");

Result<int> update_command(Run& run);
Result<int> show_command(Run& run);
Result<int> chmod_command(Run& run);
std::vector<Parameter> chmod_parameters(const Run& run, int id);

}  // namespace nubo::cli
