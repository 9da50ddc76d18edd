// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/template_page.h"

#include <fmt/format.h>

#include <array>

#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Template", 4, adjust, &id_value},
    Column{"NAME", "Name of the Template", 15, left | expand, &name_value},
    Column{"USER", "Username of the Template owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Template", 8, left, &group_value},
    Column{"REGTIME", "Registration time of the Template", 15, right, &regtime_value},
};

}  // namespace

constexpr ListLayout template_layout{columns, "ID,USER,GROUP,NAME,REGTIME"};

Status show_template(Run& run, const XmlNode& object) {
  Page page(run);
  page.title(fmt::format("TEMPLATE {} INFORMATION", object.get("ID")));
  identity_lines(page, object, true);
  page.line("REGISTER TIME", time_text(number(object, "REGTIME")));
  page.blank();
  page.permissions(object);
  page.blank();
  page.attributes("TEMPLATE CONTENTS", object.child("TEMPLATE"));
  return ok();
}

}  // namespace nubo::cli
