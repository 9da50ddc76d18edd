// SPDX-License-Identifier: Apache-2.0
// Command line options: tables of what a command knows, and the parser (sheet cli.md §1.1: long
// names may be shortened, options and arguments mix, the last of a repeated option wins).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/numbers.h"
#include "base/result.h"

namespace nubo::cli {

enum class Takes {
  nothing,
  text,
  optional_text,
  integer,
  number,
  memory,  // "512", "2g" → MB, as whole number
  size,    // the same with t, rounded up
  choice,  // one of the words that Option::pool lists, in capitals
  object,  // id or name of the pool that Option::pool names → id
};

struct Option {
  const char* name;  // "cluster": also the key of its value
  char letter = 0;   // 'c', or 0
  Takes takes = Takes::nothing;
  const char* argument = "";  // how help calls the value
  const char* help = "";
  const char* pool = "";  // Takes::object: the key of the pool; Takes::choice: "OS, CDROM"
};

using OptionGroup = std::span<const Option>;

/// The options of one command line, by name.
class Options {
 public:
  bool has(std::string_view name) const { return values_.find(name) != values_.end(); }

  /// The value, or "" when the option was not given.
  const std::string& get(std::string_view name) const;

  /// The value, unless the option was not given.
  std::optional<std::string> find(std::string_view name) const;

  int number(std::string_view name, int otherwise) const {
    return parse_number<int>(get(name)).value_or(otherwise);
  }

  void set(std::string name, std::string value);

  /// The names given, in the order of the first use.
  const std::vector<std::string>& order() const { return order_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::string> order_;
};

struct ParsedLine {
  std::vector<std::string> arguments;
};

/// Turns the id or name of an object into its id.
using ObjectLookup = std::function<Result<int>(const char* pool, const std::string& text)>;

/// Parses `words` by the options of `groups` and sets what it finds in `options`, up to the first
/// mistake. Errors carry the text for standard error:
/// "invalid option: --x", "missing argument: -l", "invalid argument: -d x", "ambiguous option:
/// --no".
Result<ParsedLine> parse_line(const std::vector<std::string>& words,
                              std::span<const OptionGroup> groups, const ObjectLookup& lookup,
                              Options& options);

/// "512", "512m", "2g" → MB, rounded down; nothing when it is no such text.
std::optional<long long> parse_memory(std::string_view text);
/// As parse_memory, with t and rounded up.
std::optional<long long> parse_size(std::string_view text);

}  // namespace nubo::cli
