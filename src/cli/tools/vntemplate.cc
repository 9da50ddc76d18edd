// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/address_range.h"
#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/template_page.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

Result<int> create(Run& run) {
  const std::optional<std::string> text = created_text(run, 0);
  if (!text) return fail(Code::api, "Give the template of the network: a file, or standard input");
  if (run.options.has("dry")) {
    run.print(*text);
    return 0;
  }
  return print_id(run, run.call_for_id("allocate", {*text}));
}

Result<int> clone(Run& run) {
  NUBO_TRY(const int made, run.call_for_id("clone", {run.id(0), run.text(1), false}));
  run.line(fmt::format("ID: {}", made));
  run.done(run.id(0), "cloned");
  return 0;
}

/// What the network has over its template: a file, or what the options say.
Result<std::string> extra_text(Run& run) {
  if (const std::optional<std::string> given = created_text(run, 1)) return *given;
  const Options& options = run.options;
  std::string text;
  if (options.has("name")) text += fmt::format("NAME={}\n", quoted(options.get("name")));
  for (const char* owner : {"as_uid", "as_gid"}) {
    if (options.has(owner)) text += fmt::format("{}={}\n", upper(owner), options.get(owner));
  }
  if (!has_address_range(options)) return text;
  NUBO_TRY(const std::string range, address_range_text(options));
  return text + range;
}

Result<int> instantiate(Run& run) {
  const int id = run.id(0);
  NUBO_TRY(const std::string extra, extra_text(run));
  for (int i = 0; i < run.options.number("multiple", 1); ++i) {
    NUBO_CHECK(run.call("info", {id, false}));
    const std::string name = numbered_name(run.options.get("name"), run.options.get("prefix"), i);
    NUBO_TRY(const int made, run.call_for_id("instantiate", {id, name, extra}));
    run.line(fmt::format("VN ID: {}", made));
  }
  run.done(id, "instantiated");
  return 0;
}

constexpr std::array create_options{
    Option{"dry", 0, Takes::nothing, "", "Just print the template"},
};
constexpr std::array instantiate_options{
    Option{"name", 0, Takes::text, "name", "Name of the new network; %i is its number"},
    Option{"multiple", 'm', Takes::integer, "x", "Make so many networks"},
    Option{"as_uid", 0, Takes::integer, "uid", "The user that the network is made for"},
    Option{"as_gid", 0, Takes::integer, "gid", "The group that the network is made for"},
    Option{"prefix", 0, Takes::text, "prefix", "First number for %i: 001"},
};
constexpr std::array extended_option{
    Option{"extended", 0, Takes::nothing, "", "As without it: networks have no more to show"},
};

constexpr std::array commands{
    Command{"create", "[file]", "Creates a new network template", {}, create, {create_options}},
    Command{"clone", "<templateid> <name>", "Creates a copy of a network template", {}, clone},
    Command{"delete",
            "<range|templateid_list>",
            "Deletes the given network template",
            {"delete", "# false", "deleted"}},
    Command{"instantiate",
            "<templateid> [file]",
            "Creates a new network from the template",
            {},
            instantiate,
            {instantiate_options, extended_option, address_range_options}},
};

}  // namespace

Tool vntemplate_tool() {
  return {.name = "onevntemplate",
          .pool = "vntemplate",
          .id_name = "templateid",
          .noun = "VN Template",
          .common = common_owned | common_lock | common_top,
          .commands = commands,
          .list = &template_layout,
          .show = show_template,
          .show_options = extended_option};
}

}  // namespace nubo::cli
