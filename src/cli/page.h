// SPDX-License-Identifier: Apache-2.0
// Page: the blocks that `show` pages are made of (sheet cli.md §1.8): headers, label lines, rights,
// template, id lists, tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/run.h"

namespace nubo::cli {

/// A column of a table inside a page; `adjusts`: as wide as its longest value.
struct PageColumn {
  std::string name;
  int width;
  bool to_left = false;
  bool adjusts = false;
};

/// How wide labels are, and whether values are padded to 20.
struct PageStyle {
  int label = 15;
  bool padded = true;
};

class Page {
 public:
  Page(Run& run, PageStyle style = {}) : run_(run), style_(style) {}

  /// The first line: bold and underlined on a terminal, 80 wide.
  void title(std::string_view text);
  /// The header of a block: bold, 80 wide.
  void header(std::string_view text);
  /// A bold line, as wide as it is.
  void unpadded_header(std::string_view text);
  /// A bold and underlined line, as wide as it is.
  void table_header(std::string_view text);
  /// The same, only as wide as its text, with a blank line below it.
  void short_header(std::string_view text);
  void line(std::string_view label, std::string_view value);

  void blank() { run_.line(""); }

  /// The three lines of PERMISSIONS with their header, and a blank line in front.
  void permissions(const XmlNode& object);
  /// A header and the element as template text, and a blank line in front.
  void attributes(std::string_view text, const XmlNode& element,
                  const std::vector<std::string_view>& skip = {});
  /// A header and one id per line, 15 wide.
  void id_list(std::string_view text, const XmlNode& element);
  void table(std::vector<PageColumn> columns, const std::vector<std::vector<std::string>>& rows);
  /// The lines of a table without its header.
  void rows(std::vector<PageColumn> columns, const std::vector<std::vector<std::string>>& rows);

 private:
  void print_rows(const std::vector<PageColumn>& columns,
                  const std::vector<std::vector<std::string>>& rows);

  Run& run_;
  PageStyle style_;
};

}  // namespace nubo::cli
