// SPDX-License-Identifier: Apache-2.0
// The messages between oned and a driver program: one JSON object a line, requests on the
// program's standard input, answers and events on its standard output. docs/driver-protocol.md
// says what each action takes and gives. Plain values; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace nubo::driver {

using Values = std::map<std::string, std::string, std::less<>>;

/// What a request is about, for logs and for the level B scripts: kind "vm", "image", "host",
/// "datastore", "network"; id -1 for none.
struct ObjectRef {
  std::string kind;
  int id = -1;

  bool operator==(const ObjectRef&) const = default;
};

struct Request {
  std::int64_t id = 0;  // unique while the program lives
  std::string action;   // "deploy", "run", "cp" …
  ObjectRef object;
  std::string node;                      // host name as SSH takes it; "" = the front-end
  std::chrono::milliseconds deadline{};  // from now; afterwards the answer is not waited for
  Values args;

  bool operator==(const Request&) const = default;
};

/// Ends the request of that id if it is still queued or can be stopped; its answer is a failure.
struct Cancel {
  std::int64_t id = 0;

  bool operator==(const Cancel&) const = default;
};

/// The first line that a program reads: its settings, by name.
struct Configure {
  Values settings;

  bool operator==(const Configure&) const = default;
};

struct Answer {
  std::int64_t id = 0;
  bool ok = false;
  std::string error;  // when not ok: what went wrong, for the operator
  Values data;        // when ok

  bool operator==(const Answer&) const = default;
};

/// A line for the object's log while a request is under way.
struct Progress {
  std::int64_t id = 0;
  std::string text;

  bool operator==(const Progress&) const = default;
};

/// Something that the program saw by itself, such as a guest that powered off.
struct Event {
  std::string name;
  std::string node;
  Values data;

  bool operator==(const Event&) const = default;
};

inline constexpr int protocol_version = 1;

/// The first line that a program writes.
struct Hello {
  std::string driver;
  int protocol = protocol_version;
  std::vector<std::string> quick;  // actions that do not wait behind the node's other work

  bool operator==(const Hello&) const = default;
};

using ToDriver = std::variant<Configure, Request, Cancel>;
using FromDriver = std::variant<Hello, Answer, Progress, Event>;

inline constexpr std::size_t longest_line = std::size_t{16} << 20;

/// One line without its newline; invalid UTF-8 is replaced.
std::string encode(const ToDriver& message);
std::string encode(const FromDriver& message);

/// Untrusted text of at most longest_line bytes; invalid UTF-8 is replaced, unknown members are
/// skipped. Code::internal naming what is missing or wrong.
Result<ToDriver> decode_to_driver(std::string_view line);
Result<FromDriver> decode_from_driver(std::string_view line);

}  // namespace nubo::driver
