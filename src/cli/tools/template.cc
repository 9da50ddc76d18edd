// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/template_page.h"
#include "cli/user_inputs.h"
#include "cli/values.h"
#include "cli/vm_options.h"
#include "cli/wait.h"

namespace nubo::cli {
namespace {

Result<int> create(Run& run) {
  NUBO_TRY(const std::string text, vm_template(run, 0));
  if (run.options.has("dry")) {
    run.print(text);
    return 0;
  }
  return print_id(run, run.call_for_id("allocate", {text}));
}

Result<int> clone(Run& run) {
  NUBO_TRY(const int made,
           run.call_for_id("clone", {run.id(0), run.text(1), run.options.has("recursive")}));
  run.line(fmt::format("ID: {}", made));
  run.done(run.id(0), "cloned");
  return 0;
}

Result<int> instantiate(Run& run) {
  const int id = run.id(0);
  const int times = run.options.number("multiple", 1);
  const bool persistent = run.options.has("persistent");
  std::string name = run.options.get("name");
  if (persistent && run.options.has("multiple") && !name.empty()) name += "-%i";
  NUBO_TRY(const std::string given, vm_template(run, 1));
  std::vector<int> made;
  for (int i = 0; i < times; ++i) {
    NUBO_TRY(const XmlDocument object, run.call_for_document("info", {id, false, false}));
    NUBO_TRY(const std::string inputs, answer_user_inputs(run, object.root().child("TEMPLATE")));
    std::string text = strip(given);
    if (!inputs.empty()) text += (text.empty() ? "" : "\n") + inputs;
    const std::string prefix = run.options.get("prefix");
    if (!prefix.empty()) text = numbered_name(text, prefix, i);
    NUBO_TRY(const int vm,
             run.call_for_id("instantiate", {id, numbered_name(name, prefix, i),
                                             run.options.has("hold"), text, persistent}));
    run.line(fmt::format("VM ID: {}", vm));
    made.push_back(vm);
  }
  run.done(id, "instantiated");
  NUBO_CHECK(wait_if_asked(run, made, {run.options.has("hold") ? "HOLD" : "RUNNING", true, -1}));
  return 0;
}

Result<int> remove(Run& run) {
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("delete", {id, run.options.has("recursive")}));
    run.done(id, "deleted");
    return ok();
  });
}

constexpr std::array create_options{
    Option{"name", 0, Takes::text, "name", "Name of the new template"},
    Option{"dry", 0, Takes::nothing, "", "Just print the template"},
};
constexpr std::array instantiate_options{
    Option{"name", 0, Takes::text, "name", "Name of the new VM; %i is its number"},
    Option{"multiple", 'm', Takes::integer, "x", "Instance multiple VMs"},
    Option{"hold", 0, Takes::nothing, "", "Creates the new VM on hold state instead of pending"},
    Option{"persistent", 0, Takes::nothing, "", "Make a private persistent copy of the template"},
    Option{"prefix", 0, Takes::text, "prefix", "First number for %i: 001"},
};
constexpr std::array recursive_option{
    Option{"recursive", 'R', Takes::nothing, "", "Also the images of the template"},
};
constexpr std::array extended_option{
    Option{"extended", 0, Takes::nothing, "",
           "Process the template and its images as for a new VM"},
};

constexpr std::array commands{
    Command{"create",
            "[file]",
            "Creates a new template",
            {},
            create,
            {vm_template_options, create_options}},
    Command{"clone",
            "<templateid> <name>",
            "Creates a copy of a template",
            {},
            clone,
            {recursive_option}},
    Command{"delete",
            "<range|templateid_list>",
            "Deletes the given template",
            {},
            remove,
            {recursive_option}},
    Command{"instantiate",
            "<templateid> [file]",
            "Creates a new VM from the template",
            {},
            instantiate,
            {vm_template_options, instantiate_options, wait_options}},
    Command{"chmod",
            "<range|templateid_list> <octet>",
            "Changes the permissions",
            {},
            chmod_command,
            {recursive_option}},
};

}  // namespace

Tool template_tool() {
  return {.name = "onetemplate",
          .pool = "template",
          .id_name = "templateid",
          .noun = "Template",
          .common = common_owned | common_lock | common_top,
          .commands = commands,
          .list = &template_layout,
          .show = show_template,
          .show_options = extended_option};
}

}  // namespace nubo::cli
