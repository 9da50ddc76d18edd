// SPDX-License-Identifier: Apache-2.0
#include "cli/shared_commands.h"

#include <fmt/format.h>

#include <array>

#include "cli/listing.h"
#include "cli/render.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array lock_group{
    Option{"use", 'u', Takes::nothing, "", "Lock use actions"},
    Option{"manage", 'm', Takes::nothing, "", "Lock manage actions"},
    Option{"admin", 'a', Takes::nothing, "", "Lock admin actions"},
    Option{"all", 0, Takes::nothing, "", "Lock all actions"},
};
constexpr std::array append_group{
    Option{"append", 'a', Takes::nothing, "", "Append new attributes to the current template"},
};
constexpr std::array decrypt_group{
    Option{"decrypt", 0, Takes::nothing, "", "Get decrypted attributes"},
};

constexpr std::string_view no_editor = "Editor not defined";

Result<int> lock_command(Run& run) {
  const int level = run.options.has("use")      ? 1
                    : run.options.has("manage") ? 2
                    : run.options.has("admin")  ? 3
                    : run.options.has("all")    ? 4
                                                : 1;
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("lock", {id, level, false}));
    run.done(id, fmt::format("{} locked", run.tool.noun));
    return ok();
  });
}

Result<int> unlock_command(Run& run) {
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("unlock", {id}));
    run.done(id, fmt::format("{} unlocked", run.tool.noun));
    return ok();
  });
}

struct Shared {
  unsigned flag;
  const char* name;
  const char* arguments;  // "%" stands for the tool's word for an id
  const char* help;
  Each each;
  Handler handler = nullptr;
  OptionGroup options{};
};

constexpr std::array shared{
    Shared{common_delete,
           "delete",
           "<range|%_list>",
           "Deletes the given objects",
           {"delete", "#", "deleted"}},
    Shared{common_update,
           "update",
           "<%> [file]",
           "Updates the template, from a file or in the editor",
           {},
           update_command,
           append_group},
    Shared{
        common_rename, "rename", "<%> <name>", "Renames the object", {"rename", "# $1", "renamed"}},
    Shared{common_owner,
           "chgrp",
           "<range|%_list> <groupid>",
           "Changes the group",
           {"chown", "# -1 $1", "Group changed"}},
    Shared{common_owner,
           "chown",
           "<range|%_list> <userid> [groupid]",
           "Changes the owner and group",
           {"chown", "# $1 $2|-1", "Owner/Group changed"}},
    Shared{common_chmod,
           "chmod",
           "<range|%_list> <octet>",
           "Changes the permissions",
           {},
           chmod_command},
    Shared{common_lock,
           "lock",
           "<range|%_list>",
           "Locks the object against actions",
           {},
           lock_command,
           lock_group},
    Shared{common_lock, "unlock", "<range|%_list>", "Unlocks the object", {}, unlock_command},
    Shared{common_enable,
           "enable",
           "<range|%_list>",
           "Enables the given objects",
           {"enable", "# true", "enabled"}},
    Shared{common_enable,
           "disable",
           "<range|%_list>",
           "Disables the given objects",
           {"enable", "# false", "disabled"}},
    Shared{common_show, "show", "<%>", "Shows information of the object", {}, show_command},
    Shared{common_list, "list", "[filterflag]", "Lists the objects of the pool", {}, list_command},
    Shared{common_top, "top", "[filterflag]", "Lists the objects again and again", {}, top_command},
};

std::string_view own_words(std::string_view pattern, const Tool& tool) {
  // The words live as long as the program; each pattern is expanded once per tool.
  static std::map<std::string, std::string, std::less<>> expanded;
  const std::string key = fmt::format("{} {}", tool.id_name, pattern);
  std::string text(pattern);
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%')) {
    text.replace(at, 1, tool.id_name);
  }
  return expanded.emplace(key, text).first->second;
}

Parameter parameter_of(const Run& run, std::string_view word, int id) {
  if (word == "#") return id;
  if (word == "true") return true;
  if (word == "false") return false;
  if (word.front() == '?') return run.options.has(word.substr(1));
  if (word.front() == '\'') return std::string(word.substr(1, word.size() - 2));
  if (word.front() != '$') return leading_int(word);
  const std::size_t bar = word.find('|');
  std::string_view index = word.substr(1, bar == word.npos ? word.npos : bar - 1);
  const bool as_number = index.ends_with('i');
  if (as_number) index.remove_suffix(1);
  const auto argument = static_cast<std::size_t>(leading_int(index));
  if (!run.has(argument)) {
    return bar == word.npos ? Parameter(std::string())
                            : Parameter(leading_int(word.substr(bar + 1)));
  }
  const Argument& given = run.arguments[argument];
  if (given.id) return *given.id;
  return as_number ? Parameter(leading_int(given.text)) : Parameter(given.text);
}

}  // namespace

OptionGroup lock_options() { return lock_group; }

OptionGroup append_options() { return append_group; }

OptionGroup decrypt_options() { return decrypt_group; }

std::vector<Command> shared_commands(const Tool& tool) {
  std::vector<Command> commands;
  const Pool* pool = find_pool(tool.pool);
  for (const Shared& one : shared) {
    if (!(tool.common & one.flag)) continue;
    Command command{one.name, own_words(one.arguments, tool), one.help, one.each, one.handler, {}};
    if (one.flag & (common_list | common_top)) {
      if (pool && pool->filter == Pool::Filter::none) command.arguments = "";
      command.options = {tool.list_options, list_options(), format_options(), numeric_options(),
                         describe_options()};
    } else if (one.flag == common_show) {
      command.options = {tool.show_options, format_options(), decrypt_group};
    } else {
      command.options = {one.options};
    }
    commands.push_back(command);
  }
  return commands;
}

std::vector<Parameter> each_parameters(const Run& run, std::string_view words, int id) {
  std::vector<Parameter> parameters;
  for (const std::string& word : split(words, ' '))
    parameters.push_back(parameter_of(run, word, id));
  return parameters;
}

Result<int> run_each(Run& run, const Each& each) {
  std::string done = each.done;
  if (const std::size_t at = done.find("$1"); at != done.npos) {
    done.replace(at, 2, std::to_string(run.id(1)));
  }
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call(each.method, each_parameters(run, each.parameters, id)));
    run.done(id, done);
    return ok();
  });
}

Result<std::string> edited_text(Run& run, const TextSource& source) {
  if (run.has(source.file_argument)) return run.shell.read_file(run.text(source.file_argument));
  if (source.piped) {
    if (std::optional<std::string> text = run.shell.piped_input()) return *text;
  }
  NUBO_TRY(const std::string current, source.current());
  Result<std::string> edited = run.shell.edit(current);
  if (!edited) return fail(Code::internal, "{}", no_editor);
  return edited;
}

Result<int> report_edit_error(Run& run, const Error& error) {
  if (error.message != no_editor) return Failure(error);
  run.line(error.message);
  return 255;
}

std::optional<std::string> created_text(Run& run, std::size_t file_argument) {
  if (run.has(file_argument)) {
    const Result<std::string> text = run.shell.read_file(run.text(file_argument));
    return text ? *text : std::string();
  }
  return run.shell.piped_input();
}

Result<XmlDocument> object_document(Run& run, int id) {
  if (run.tool.pool == std::string_view("template")) {
    return run.call_for_document("info",
                                 {id, run.options.has("extended"), run.options.has("decrypt")});
  }
  if (run.tool.pool == std::string_view("backupjob")) return run.call_for_document("info", {id});
  return run.call_for_document("info", {id, run.options.has("decrypt")});
}

std::string numbered_name(const std::string& text, const std::string& first, int index) {
  const std::string number = fmt::format("{:0{}}", leading_int(first) + index, first.size());
  std::string result = text;
  for (std::size_t at = result.find("%i"); at != result.npos;
       at = result.find("%i", at + number.size())) {
    result.replace(at, 2, number);
  }
  return result;
}

Result<int> print_id(Run& run, const Result<int>& id, std::string_view label) {
  if (!id) return Failure(id.error());
  run.line(fmt::format("{}: {}", label, *id));
  return 0;
}

Result<int> update_command(Run& run) {
  const int id = run.targets().front();
  const bool append = run.options.has("append");
  TextSource source;
  source.current = [&]() -> Result<std::string> {
    if (append) return std::string();
    NUBO_TRY(const XmlDocument document, object_document(run, id));
    const XmlNode object = document.root();
    return template_text(object.child(object.name() == "VM" ? "USER_TEMPLATE" : "TEMPLATE"));
  };
  const Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  NUBO_CHECK(run.call("update", {id, *text, append ? 1 : 0}));
  run.done(id, "modified");
  return 0;
}

Result<int> show_command(Run& run) {
  const int id = run.arguments.empty() ? -1 : run.targets().front();
  NUBO_TRY(const XmlDocument document, object_document(run, id));
  if (const std::optional<std::string> text = formatted(run.options, document.root())) {
    run.print(*text);
    return 0;
  }
  NUBO_CHECK(run.tool.show(run, document.root()));
  return 0;
}

std::vector<Parameter> chmod_parameters(const Run& run, int id) {
  std::string digits = run.text(1).substr(0, 3);
  digits.resize(3, '0');
  std::vector<Parameter> parameters{id};
  for (const char digit : digits) {
    for (const int bit : {4, 2, 1}) parameters.emplace_back((digit - '0') & bit ? 1 : 0);
  }
  return parameters;
}

Result<int> chmod_command(Run& run) {
  return run.for_each([&](int id) -> Status {
    std::vector<Parameter> parameters = chmod_parameters(run, id);
    if (run.tool.pool == std::string_view("template") ||
        run.tool.pool == std::string_view("vntemplate")) {
      parameters.emplace_back(run.options.has("recursive"));
    }
    NUBO_CHECK(run.call("chmod", parameters));
    run.done(id, "Permissions changed");
    return ok();
  });
}

}  // namespace nubo::cli
