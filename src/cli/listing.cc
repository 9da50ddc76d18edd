// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array list_group{
    Option{"list", 'l', Takes::text, "x,y,z", "Selects columns to display with list command"},
    Option{"listconf", 'c', Takes::text, "conf", "Selects a predefined column list"},
    Option{"delay", 'd', Takes::integer, "x", "Sets the delay in seconds for top command"},
    Option{"filter", 'f', Takes::text, "x,y,z",
           "Filter data: COLUMN<operator>VALUE, operators = != < > ~"},
    Option{"operator", 0, Takes::text, "operator",
           "Logical operator of the filter: AND (default), OR"},
    Option{"csv", 0, Takes::nothing, "", "Write table in CSV format"},
    Option{"csv-del", 0, Takes::text, "del", "Set delimiter for CSV output"},
    Option{"no-pager", 0, Takes::nothing, "", "Disable pagination"},
    Option{"no-header", 0, Takes::nothing, "", "Hides the header of the table"},
    Option{"adjust", 0, Takes::text, "x,y,z", "Adjust size so that all the columns fit"},
    Option{"size", 's', Takes::text, "x=size,y=size", "Change the size of selected columns"},
    Option{"expand", 0, Takes::optional_text, "x=prop,y=prop",
           "Expands the columns to fill the terminal"},
    Option{"no-expand", 0, Takes::nothing, "", "Disable expand"},
};
constexpr std::array format_group{
    Option{"xml", 'x', Takes::nothing, "", "Show the resource in XML format"},
    Option{"json", 'j', Takes::nothing, "", "Show the resource in JSON format"},
    Option{"yaml", 'y', Takes::nothing, "", "Show the resource in YAML format"},
};
constexpr std::array numeric_group{
    Option{"numeric", 'n', Takes::nothing, "", "Do not translate user and group IDs"},
};
constexpr std::array describe_group{
    Option{"describe", 0, Takes::nothing, "", "Describe list columns"},
};

constexpr std::array good{"runn", "rdy", "on", "SUCCESS", "RUNNING"};
constexpr std::array bad{"fail", "err", "error", "ERROR"};
constexpr std::array busy{"PENDING", "DEPLOYING", "UNDEPLOYING", "WARNING", "SCALING", "COOLDOWN"};

std::string coloured(const std::string& text, std::string_view state) {
  const auto is = [&](const auto& words) { return std::ranges::find(words, state) != words.end(); };
  if (is(good)) return fmt::format("\x1b[32m{}\x1b[0m", text);
  if (is(bad) || state.starts_with("FAILED_")) return fmt::format("\x1b[31m{}\x1b[0m", text);
  if (is(busy)) return fmt::format("\x1b[33m{}\x1b[0m", text);
  return text;
}

std::string csv_value(const std::string& value, const std::string& separator) {
  if (value.empty()) return "\"\"";
  if (value.find(separator) == value.npos && value.find('"') == value.npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string fitted(std::string_view text, int width, bool to_left, bool cut) {
  const auto size = static_cast<std::size_t>(std::max(width, 0));
  // Columns count characters, not bytes.
  std::size_t shown = 0;
  std::size_t end = 0;
  while (end < text.size() && (!cut || shown < size)) {
    do ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80);
    ++shown;
  }
  const std::string padding(size > shown ? size - shown : 0, ' ');
  const std::string kept(text.substr(0, end));
  return to_left ? kept + padding : padding + kept;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

OptionGroup list_options() { return list_group; }

OptionGroup format_options() { return format_group; }

OptionGroup numeric_options() { return numeric_group; }

OptionGroup describe_options() { return describe_group; }

Listing::Listing(Run& run, const ListLayout& layout) : run_(run), layout_(layout) {
  for (const Column& column : layout.columns) {
    all_.push_back({column.name, column.width, column.flags, &column, column.description});
  }
  configurations_["default"] = layout.defaults;
  if (*layout.conf_name) configurations_[layout.conf_name] = layout.conf_columns;
}

bool Listing::numeric() const { return run_.options.has("numeric"); }

bool Listing::raw() const { return run_.options.has("kilobytes"); }

const ActiveColumn* Listing::known(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &ActiveColumn::name);
  return found == all_.end() ? nullptr : &*found;
}

ActiveColumn* Listing::active(std::string_view name) {
  const auto found = std::ranges::find(columns_, name, &ActiveColumn::name);
  return found == columns_.end() ? nullptr : &*found;
}

Status Listing::choose(const std::string& names) {
  for (const std::string& name : split(names, ',')) {
    const ActiveColumn* column = known(upper(name));
    if (!column) column = known(name);
    if (!column) return fail(Code::api, "Column '{}' not found", name);
    columns_.push_back(*column);
  }
  return ok();
}

Status Listing::prepare() {
  NUBO_CHECK(read_own_layout());
  const Options& options = run_.options;
  std::string wanted = options.get("listconf");
  if (wanted.empty()) wanted = run_.shell.variable("ONE_LISTCONF");
  if (wanted.empty() || !configurations_.count(wanted)) wanted = "default";
  NUBO_CHECK(choose(options.has("list") ? options.get("list") : configurations_[wanted]));
  NUBO_CHECK(read_widths());
  return read_filters();
}

Status Listing::read_widths() {
  for (const std::string& name : split(run_.options.get("adjust"), ',')) {
    ActiveColumn* column = active(upper(name));
    if (!column) return fail(Code::api, "Column '{}' not found", name);
    column->flags |= adjust;
  }
  for (const std::string& pair : split(run_.options.get("size"), ',')) {
    const std::string name = pair.substr(0, pair.find('='));
    ActiveColumn* column = active(upper(name));
    if (!column) return fail(Code::api, "Column '{}' not found", name);
    column->width = pair.find('=') == pair.npos ? 0 : leading_int(pair.substr(pair.find('=') + 1));
    column->flags &= ~static_cast<unsigned>(adjust);
  }
  return ok();
}

Status Listing::read_filters() {
  any_ = upper(run_.options.get("operator")) == "OR";
  std::vector<std::string> expressions = split(run_.options.get("filter"), ',');
  if (run_.options.has("backup")) expressions.push_back("TYPE=BK");
  for (const std::string& text : expressions) {
    const std::size_t at = text.find_first_of("=!<>~");
    if (at == text.npos || at == 0) return fail(Code::api, "Expression '{}' incorrect", text);
    const std::string name = text.substr(0, at);
    const ActiveColumn* column = active(upper(name));
    const std::vector<std::string> defaults = split(configurations_["default"], ',');
    if (!column && std::ranges::find(defaults, upper(name)) != defaults.end())
      column = known(upper(name));
    if (!column) return fail(Code::api, "Column '{}' not found", name);
    const std::size_t length =
        text[at] == '!' && at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1;
    conditions_.push_back({column->column, text[at], text.substr(at + length)});
  }
  return ok();
}

void Listing::set_pool(const XmlNode& root) {
  pool_ = root;
  for (const XmlNode& quotas : root.children("QUOTAS")) quotas_[quotas.get("ID")] = quotas;
}

XmlNode Listing::quotas(const std::string& id) const {
  const auto found = quotas_.find(id);
  return found == quotas_.end() ? XmlNode() : found->second;
}

void Listing::describe() {
  for (const ActiveColumn& column : all_) {
    run_.line(fmt::format("{:<20}: {:<20}", column.name, column.description));
  }
}

bool Listing::passes(const XmlNode& object) const {
  const auto holds = [&](const Condition& condition) {
    const std::string value = condition.column->value({object, *this});
    switch (condition.operation) {
      case '=':
        return value == condition.value;
      case '!':
        return value != condition.value;
      case '<':
        return value < condition.value;
      case '>':
        return value > condition.value;
      default:
        return value.find(condition.value) != value.npos;
    }
  };
  if (any_) return conditions_.empty() || std::ranges::any_of(conditions_, holds);
  return std::ranges::all_of(conditions_, holds);
}

void Listing::add(const std::vector<XmlNode>& objects) {
  for (const XmlNode& object : objects) {
    if (!passes(object)) continue;
    Cells cells;
    for (const ActiveColumn& column : columns_)
      cells.push_back(column.column->value({object, *this}));
    rows_.push_back(std::move(cells));
  }
}

std::vector<Listing::Share> Listing::shares() const {
  std::vector<Share> all;
  const std::optional<std::string> named = run_.options.find("expand");
  if (named && named->empty()) {
    for (std::size_t i = 0; i < columns_.size(); ++i) all.push_back({i, 0});
  }
  for (const std::string& pair : split(named.value_or(""), ',')) {
    const std::size_t equals = pair.find('=');
    const auto column =
        std::ranges::find(columns_, upper(pair.substr(0, equals)), &ActiveColumn::name);
    if (column == columns_.end()) continue;
    all.push_back(
        {static_cast<std::size_t>(column - columns_.begin()),
         equals == pair.npos ? 0 : parse_number<double>(pair.substr(equals + 1)).value_or(0)});
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].flags & expand) all.push_back({i, 0});
  }
  return all;
}

// What is left of the terminal's width goes to the columns by their size or the part asked for;
// the last one takes the rest, which rounding can make negative.
std::vector<long> Listing::extra_widths(long left) const {
  std::vector<long> extra(columns_.size(), 0);
  const std::vector<Share> all = shares();
  long sizes = 0;
  for (const Share& one : all) sizes += columns_[one.column].width;
  long given = 0;
  for (const Share& one : all) {
    const double part = one.proportion > 0 ? one.proportion
                                           : static_cast<double>(columns_[one.column].width) /
                                                 static_cast<double>(std::max(sizes, 1L));
    const long more =
        &one == &all.back() ? left - given : std::lround(static_cast<double>(left) * part);
    extra[one.column] += more;
    given += more;
  }
  return extra;
}

void Listing::widen() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!(columns_[i].flags & adjust)) continue;
    for (const Cells& cells : rows_) {
      columns_[i].width = std::max(columns_[i].width, static_cast<int>(characters(cells[i])));
    }
  }
  const int terminal = run_.shell.terminal.columns;
  if (terminal == 0 || run_.options.has("no-expand")) return;
  long left = terminal - static_cast<long>(columns_.size()) + 1;
  for (const ActiveColumn& column : columns_) left -= column.width;
  if (left <= 0) return;
  const std::vector<long> extra = extra_widths(left);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (extra[i] == 0) continue;
    columns_[i].width = std::max(columns_[i].width + static_cast<int>(extra[i]), 1);
    columns_[i].flags &= ~static_cast<unsigned>(adjust);
  }
}

std::string Listing::cell(const ActiveColumn& column, const std::string& value, bool last,
                          bool colours) const {
  std::string text = fitted(value, column.width, column.flags & left, !(column.flags & adjust));
  if (last) text.resize(text.find_last_not_of(' ') + 1);
  return colours && column.name == "STAT" ? coloured(text, value) : text;
}

void Listing::print_csv(std::string& out, bool header) const {
  const std::string separator = run_.options.find("csv-del").value_or(",");
  const auto append = [&](const Cells& cells) {
    std::vector<std::string> values;
    for (const std::string& value : cells) values.push_back(csv_value(value, separator));
    out += join(values, separator) + "\n";
  };
  Cells names;
  for (const ActiveColumn& column : columns_) names.push_back(column.name);
  if (header) append(names);
  for (const Cells& cells : rows_) append(cells);
}

void Listing::print(std::string& out, bool colours, bool header) {
  header = header && !run_.options.has("no-header");
  if (run_.options.has("csv")) return print_csv(out, header);
  widen();
  if (header) {
    std::vector<std::string> names;
    for (const ActiveColumn& column : columns_) {
      names.push_back(fitted(column.name, column.width, column.flags & left, true));
    }
    out +=
        fmt::format(fmt::runtime(colours ? "\x1b[1m\x1b[4m{}\x1b[0m\n" : "{}\n"), join(names, " "));
  }
  for (const Cells& cells : rows_) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += ' ';
      line += cell(columns_[i], cells[i], false, colours);
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
}

}  // namespace nubo::cli
