// SPDX-License-Identifier: Apache-2.0
// What a tool (onevm, onehost …) is made of: tables of commands, list columns and pools. They are
// constant data; run.h holds what happens with them. To add a tool write its tables in
// tools/<name>.cc and name it in tools/all.cc.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/options.h"
#include "text/xml_reader.h"

namespace nubo::cli {

class Run;
class Listing;

/// The exit code of a command; an Error is printed on standard error and exits 255.
using Handler = Result<int> (*)(Run& run);

/// A call made once for each object of the first argument. `parameters` are words: "#" the object's
/// id, "$1" the second argument, "$2|-1" with a value for when it is absent, "$1i" as number,
/// "?force" whether that option was given, true, false, a number, or 'text'.
struct Each {
  const char* method = nullptr;  // behind "one.<api>.", or with a dot behind "one."
  const char* parameters = "#";
  const char* done = "";  // for --verbose: "VM 3: <done>"; "$1" as above
};

/// The options of a command: a table, or a function that gives one of another file.
class OptionSource {
 public:
  constexpr OptionSource() = default;

  template <std::size_t size>
  constexpr OptionSource(const std::array<Option, size>& table) : table_(table) {}

  constexpr OptionSource(OptionGroup table) : table_(table) {}

  constexpr OptionSource(OptionGroup (*function)()) : function_(function) {}

  OptionGroup get() const { return function_ ? function_() : table_; }

 private:
  OptionGroup table_;
  OptionGroup (*function_)() = nullptr;
};

struct Command {
  std::string_view name;
  std::string_view arguments;  // as help shows them: "<range|vmid_list> <userid> [groupid]"
  const char* help;
  Each each{};
  Handler handler = nullptr;
  std::array<OptionSource, 5> options{};
};

struct Row {
  XmlNode node;
  const Listing& listing;
};

enum ColumnFlags : unsigned { right = 0, left = 1, adjust = 2, expand = 4 };

struct Column {
  const char* name;
  const char* description;
  int width;
  unsigned flags;
  std::string (*value)(const Row& row);
};

struct ListLayout {
  std::span<const Column> columns;  // in the order of --describe
  const char* defaults;             // "ID,USER,NAME"
  const char* conf_name = "";       // a second column set for -c, and its columns
  const char* conf_columns = "";
};

/// How the pool of an object type is read, and what its objects are called.
struct Pool {
  const char* key;       // "vm": the argument format is vmid, the tool onevm
  const char* resource;  // "VM", as messages call it
  const char* api;       // "vm": methods are one.vm.*
  const char* method;    // "vmpool.info"
  enum class Filter { none, range, range_and_query } filter;
};

/// The pool of that key; nullptr when there is none.
const Pool* find_pool(std::string_view key);

enum CommonCommands : unsigned {
  common_list = 1,
  common_show = 2,
  common_update = 4,
  common_rename = 8,
  common_owner = 16,
  common_chmod = 32,
  common_lock = 64,
  common_delete = 128,
  common_top = 256,
  common_enable = 512,
  common_ownership = common_owner | common_chmod,
  /// What all objects have that belong to somebody.
  common_owned = common_list | common_show | common_update | common_rename | common_ownership,
};

struct Tool {
  std::string_view name;  // "onevm"
  const char* pool;       // "vm", the key of its pool; "" for tools without one
  const char* id_name;    // what its arguments call an object: "vmid"
  const char* noun;       // "VM": "VM locked"
  unsigned common;        // commands shared by tools (shared_commands.cc); own ones win
  std::span<const Command> commands;
  const ListLayout* list = nullptr;
  /// Prints the object for `show`; the document is what info answered.
  Status (*show)(Run& run, const XmlNode& object) = nullptr;
  OptionGroup list_options{};
  OptionGroup show_options{};
  /// Runs the tool when it has no commands.
  Handler main = nullptr;
};

std::span<const Tool> all_tools();
const Tool* find_tool(std::string_view name);

}  // namespace nubo::cli
