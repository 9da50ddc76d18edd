// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "cli/render.h"
#include "cli/schedule.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

std::string type(const Row& row) { return row.node.get("TYPE"); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Hook", 4, adjust, &id_value},
    Column{"NAME", "Name of the Hook", 19, left | expand, &name_value},
    Column{"TYPE", "Type of the Hook", 8, left, &type},
};
constexpr ListLayout layout{columns, "ID,NAME,TYPE"};

std::string decoded(const std::string& text) { return base64_decode(text); }

// --- the log ------------------------------------------------------------------------------------

std::vector<std::string> log_row(const XmlNode& record) {
  const std::string code = get(record, "EXECUTION_RESULT/CODE");
  return {record.get("EXECUTION_ID"), short_time_text(number(record, "TIMESTAMP")), code,
          code == "0" ? "SUCCESS" : "ERROR"};
}

const std::vector<PageColumn>& log_columns() {
  static const std::vector<PageColumn> shared{{"ID", 5, false, true},
                                              {"TIMESTAMP", 15},
                                              {"RC", 5, false, true},
                                              {"EXECUTION", 5, false, true}};
  return shared;
}

void print_executions(Page& page, const std::vector<XmlNode>& records) {
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& record : records) rows.push_back(log_row(record));
  page.table(log_columns(), rows);
}

Result<int> date_option(Run& run, const char* name) {
  if (!run.options.has(name)) return -1;
  const auto date = parse_date(run.options.get(name), run.shell.now());
  if (!date) return fail(Code::api, "invalid date");
  return static_cast<int>(*date);
}

Result<int> log(Run& run) {
  NUBO_TRY(const int since, date_option(run, "since"));
  NUBO_TRY(const int until, date_option(run, "until"));
  const int outcome = run.options.has("error") ? -1 : run.options.has("success") ? 1 : 0;
  NUBO_TRY(const XmlDocument document,
           run.call_for_document("hooklog.info",
                                 {since, until, run.options.number("hook-id", -1), outcome}));
  if (run.options.has("xml")) {
    run.print(xml_text(document.root()));
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& record : document.root().children("HOOK_EXECUTION_RECORD")) {
    std::vector<std::string> row = log_row(record);
    row.insert(row.begin(), record.get("HOOK_ID"));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return 0;
  std::vector<PageColumn> columns_with_hook = log_columns();
  columns_with_hook.insert(columns_with_hook.begin(), PageColumn{"HOOK", 5, false, true});
  Page(run).table(columns_with_hook, rows);
  return 0;
}

// --- show ---------------------------------------------------------------------------------------

void print_record(Page& page, Run& run, const XmlNode& record) {
  const XmlNode result = record.child("EXECUTION_RESULT");
  page.header("HOOK EXECUTION RECORD");
  page.line("EXECUTION ID", record.get("EXECUTION_ID"));
  page.line("TIMESTAMP", time_text(number(record, "TIMESTAMP")));
  page.line("COMMAND", result.get("COMMAND"));
  page.line("ARGUMENTS", decoded(record.get("ARGUMENTS")));
  page.line("EXIT CODE", result.get("CODE"));
  page.blank();
  for (const char* stream : {"STDOUT", "STDERR"}) {
    page.header(std::string("EXECUTION ") + stream);
    run.line(decoded(result.get(stream)));
    page.blank();
  }
}

Status show_execution(Run& run, Page& page, const std::vector<XmlNode>& records) {
  const std::string wanted = run.options.get("execution");
  const auto found = std::ranges::find_if(
      records, [&wanted](const XmlNode& record) { return record.get("EXECUTION_ID") == wanted; });
  if (found == records.end()) {
    run.line("Cannot find execution record " + wanted);
  } else {
    print_record(page, run, *found);
  }
  return ok();
}

Status show(Run& run, const XmlNode& hook) {
  Page page(run, {.label = 18});
  page.title(fmt::format("HOOK {} INFORMATION", hook.get("ID")));
  page.line("ID", hook.get("ID"));
  page.line("NAME", hook.get("NAME"));
  page.line("TYPE", hook.get("TYPE"));
  page.line("LOCK", lock_text(hook));
  page.blank();
  const auto records = hook.child("HOOKLOG").children("HOOK_EXECUTION_RECORD");
  if (run.options.has("execution")) return show_execution(run, page, records);
  page.attributes("HOOK TEMPLATE", hook.child("TEMPLATE"));
  page.blank();
  if (records.empty()) return ok();
  page.unpadded_header("EXECUTION LOG");
  print_executions(page, records);
  page.blank();
  return ok();
}

Result<int> create(Run& run) {
  NUBO_TRY(const std::string text, run.shell.read_file(run.text(0)));
  if (run.options.has("dry")) {
    run.print(text);
    return 0;
  }
  return print_id(run, run.call_for_id("allocate", {text}));
}

constexpr std::array dry_option{
    Option{"dry", 0, Takes::nothing, "", "Just print the template"},
};
constexpr std::array show_options{
    Option{"extended", 0, Takes::nothing, "", "As without it: hooks have no more to show"},
    Option{"execution", 'e', Takes::integer, "exeid", "Show one execution"},
};
constexpr std::array log_options{
    Option{"error", 0, Takes::nothing, "", "Only executions that failed"},
    Option{"success", 0, Takes::nothing, "", "Only executions that succeeded"},
    Option{"hook-id", 0, Takes::integer, "id", "Only executions of that hook"},
    Option{"since", 0, Takes::text, "date", "Only executions from then on"},
    Option{"until", 0, Takes::text, "date", "Only executions until then"},
    Option{"xml", 'x', Takes::nothing, "", "Show the log in xml format"},
};

constexpr std::array commands{
    Command{"create", "<file>", "Creates a new Hook", {}, create, {dry_option}},
    Command{"retry", "<hookid> <execid>", "Runs an execution again", {"retry", "# $1i", "retry"}},
    Command{"log", "", "Shows the log of executions", {}, log, {log_options}},
};

}  // namespace

Tool hook_tool() {
  return {.name = "onehook",
          .pool = "hook",
          .id_name = "hookid",
          .noun = "Hook",
          .common = common_list | common_show | common_update | common_rename | common_lock |
                    common_delete | common_top,
          .commands = commands,
          .list = &layout,
          .show = show,
          .show_options = show_options};
}

}  // namespace nubo::cli
