// SPDX-License-Identifier: Apache-2.0
#include "cli/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/values.h"

namespace nubo::cli {
namespace {

std::string cell(const PageColumn& column, const std::string& value) {
  const auto width = static_cast<std::size_t>(column.width);
  const std::string text = column.adjusts ? value : value.substr(0, width);
  const std::string padding(width > text.size() ? width - text.size() : 0, ' ');
  return column.to_left ? text + padding : padding + text;
}

void adjust_widths(std::vector<PageColumn>& columns,
                   const std::vector<std::vector<std::string>>& rows) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].adjusts) continue;
    for (const auto& row : rows) {
      columns[i].width = std::max(columns[i].width, static_cast<int>(row[i].size()));
    }
  }
}

}  // namespace

void Page::title(std::string_view text) {
  run_.line(run_.shell.terminal.out ? fmt::format("\x1b[1m\x1b[4m{:<80}\x1b[0m", text)
                                    : fmt::format("{:<80}", text));
}

void Page::header(std::string_view text) {
  run_.line(run_.shell.terminal.out ? fmt::format("\x1b[1m{:<80}\x1b[0m", text)
                                    : fmt::format("{:<80}", text));
}

void Page::short_header(std::string_view text) {
  unpadded_header(text);
  run_.line("");
}

void Page::unpadded_header(std::string_view text) {
  run_.line(run_.shell.terminal.out ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text));
}

void Page::table_header(std::string_view text) {
  run_.line(run_.shell.terminal.out ? fmt::format("\x1b[1m\x1b[4m{}\x1b[0m", text)
                                    : std::string(text));
}

void Page::line(std::string_view label, std::string_view value) {
  run_.line(style_.padded ? fmt::format("{:<{}}: {:<20}", label, style_.label, value)
                          : fmt::format("{:<{}}: {}", label, style_.label, value));
}

void Page::permissions(const XmlNode& object) {
  header("PERMISSIONS");
  for (const char* who : {"OWNER", "GROUP", "OTHER"}) {
    line(who, rights_text(object.child("PERMISSIONS"), who));
  }
}

void Page::attributes(std::string_view text, const XmlNode& element,
                      const std::vector<std::string_view>& skip) {
  header(text);
  run_.line(template_text(element, skip));
}

void Page::id_list(std::string_view text, const XmlNode& element) {
  table_header(fmt::format("{:<15}", text));
  for (const std::string& id : ids(element)) run_.line(fmt::format("{:<15}", id));
}

void Page::table(std::vector<PageColumn> columns,
                 const std::vector<std::vector<std::string>>& rows) {
  adjust_widths(columns, rows);
  std::vector<std::string> names;
  for (const PageColumn& column : columns) {
    names.push_back(cell(column, column.name));
  }
  table_header(join(names, " "));
  print_rows(columns, rows);
}

void Page::rows(std::vector<PageColumn> columns,
                const std::vector<std::vector<std::string>>& rows) {
  adjust_widths(columns, rows);
  print_rows(columns, rows);
}

void Page::print_rows(const std::vector<PageColumn>& columns,
                      const std::vector<std::vector<std::string>>& rows) {
  for (const auto& row : rows) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < columns.size(); ++i) cells.push_back(cell(columns[i], row[i]));
    std::string text = join(cells, " ");
    text.resize(text.find_last_not_of(' ') + 1);
    run_.line(text);
  }
}

}  // namespace nubo::cli
