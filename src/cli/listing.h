// SPDX-License-Identifier: Apache-2.0
// Listing: a pool as a table (sheet cli.md §1.6, §1.7): chosen columns, filters, widths, CSV.
// Fed with the elements of a pool, printed once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/run.h"

namespace nubo::cli {

OptionGroup list_options();
OptionGroup format_options();
OptionGroup numeric_options();
OptionGroup describe_options();

/// A column as it is printed now: the options and the user's own layout applied.
struct ActiveColumn {
  std::string name;
  int width = 0;
  unsigned flags = 0;
  const Column* column = nullptr;
  std::string description;
};

class Listing {
 public:
  Listing(Run& run, const ListLayout& layout);

  /// Reads the user's layout file and the options. Errors name the column that is not there.
  Status prepare();
  /// Prints the name and description of each column.
  void describe();
  /// Adds what the filters let through.
  void add(const std::vector<XmlNode>& objects);
  /// Appends the table. `colours`: marks for a terminal that shows it itself.
  void print(std::string& out, bool colours, bool header);

  /// -n: ids instead of names.
  bool numeric() const;
  /// -k: sizes as they come.
  bool raw() const;

  Run& run() const { return run_; }

  /// The document that the objects stand in, where values look for what stands beside them.
  void set_pool(const XmlNode& root);

  const XmlNode& pool() const { return pool_; }

  /// The <QUOTAS> of that object in the pool.
  XmlNode quotas(const std::string& id) const;

 private:
  using Cells = std::vector<std::string>;

  struct Condition {
    const Column* column;
    char operation;  // '=', '!', '<', '>', '~'
    std::string value;
  };

  Status choose(const std::string& names);
  Status read_own_layout();
  Status read_widths();
  Status read_filters();
  ActiveColumn* active(std::string_view name);
  const ActiveColumn* known(std::string_view name) const;
  bool passes(const XmlNode& object) const;
  void widen();

  struct Share {
    std::size_t column;
    double proportion;  // 0: by the column's size
  };

  std::vector<Share> shares() const;
  std::vector<long> extra_widths(long left) const;
  void print_csv(std::string& out, bool header) const;
  std::string cell(const ActiveColumn& column, const std::string& value, bool last,
                   bool colours) const;

  Run& run_;
  const ListLayout& layout_;
  std::vector<ActiveColumn> all_;
  std::vector<ActiveColumn> columns_;
  std::map<std::string, std::string> configurations_;
  std::vector<Condition> conditions_;
  bool any_ = false;  // the conditions are joined by OR
  std::vector<Cells> rows_;
  XmlNode pool_;
  std::map<std::string, XmlNode> quotas_;
};

/// The elements of the pool's document.
std::string pool_element(const Pool& pool);

/// `list` and `top` of every tool with a pool.
Result<int> list_command(Run& run);
Result<int> top_command(Run& run);

/// The machines that `keep` picks, as `onevm list` shows them: the end of several `show` pages.
Status print_machines(Run& run, const std::function<bool(const XmlNode& vm)>& keep);

}  // namespace nubo::cli
