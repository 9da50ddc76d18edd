// SPDX-License-Identifier: Apache-2.0
// A call of the API as values: what rpc/ has decoded and what it encodes, free of XML and sockets.
// The one interface between rpc/ (or any other front) and api/. Wire facts: sheet api.md §1, §3.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "text/escape.h"

namespace nubo::api {

struct Value;
struct Member;

using Array = std::vector<Value>;
using Struct = std::vector<Member>;

struct Nil {
  bool operator==(const Nil&) const = default;
};

struct Bytes {  // base64 on the wire
  std::string data;

  bool operator==(const Bytes&) const = default;
};

/// A long string in parts that stay where they are, or are made when they are sent, so that a list
/// of many objects is answered without a copy of it. A string on the wire.
struct Text {
  struct Part {  // of whole characters
    std::string_view text = {};
    bool is_escaped = false;                        // as character data already (text/escape.h)
    std::string (*make)(const void* of) = nullptr;  // the same each time, and makes it instead
    const void* of = nullptr;
  };

  std::vector<Part> parts;
  std::vector<std::shared_ptr<const void>> owners;  // of the parts
  std::size_t own_bytes = 0;                        // of owners that nobody else has

  Text() = default;

  explicit Text(std::string whole) {
    const auto owner = std::make_shared<const std::string>(std::move(whole));
    parts.push_back({*owner});
    owners.push_back(owner);
    own_bytes = owner->size();
  }

  /// What it keeps in memory of its own: not what the model keeps anyway.
  std::size_t kept_bytes() const { return own_bytes + parts.capacity() * sizeof(Part); }

  /// Counts each part that is still to be made as longer.
  bool is_longer_than(std::size_t bytes) const {
    std::size_t size = 0;
    for (const Part& part : parts) {
      size += part.text.size();
      if (part.make != nullptr || size > bytes) return true;
    }
    return false;
  }

  std::string joined() const {
    std::string all;
    for (const Part& part : parts) {
      all += part.make         ? part.make(part.of)
             : part.is_escaped ? unescaped(part.text)
                               : std::string(part.text);
    }
    return all;
  }

  bool operator==(const Text& other) const { return joined() == other.joined(); }
};

/// One XML-RPC value. Strings are valid UTF-8 when they come from the wire. Types are never
/// converted into each other: who wants an int asks for an int.
struct Value {
  using Data =
      std::variant<int, std::int64_t, bool, std::string, double, Array, Struct, Nil, Bytes, Text>;

  Value(int value);

  Value(std::int64_t value);

  Value(bool value);

  Value(double value);

  Value(std::string value);

  Value(const char* value);

  Value(Array value);

  Value(Struct value);

  Value(Nil value);

  Value(Bytes value);

  Value(Text value);

  /// The value when it is a T, else nullptr.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }

  bool operator==(const Value&) const = default;

  Data data;
};

struct Member {
  std::string name;
  Value value;

  bool operator==(const Member&) const = default;
};

// Here, for a variant can be made only of complete types (clang 14 looks at once).
inline Value::Value(int value) : data(value) {}

inline Value::Value(std::int64_t value) : data(value) {}

inline Value::Value(bool value) : data(value) {}

inline Value::Value(double value) : data(value) {}

inline Value::Value(std::string value) : data(std::move(value)) {}

inline Value::Value(const char* value) : data(std::string(value)) {}

inline Value::Value(Array value) : data(std::move(value)) {}

inline Value::Value(Struct value) : data(std::move(value)) {}

inline Value::Value(Nil value) : data(value) {}

inline Value::Value(Bytes value) : data(std::move(value)) {}

inline Value::Value(Text value) : data(std::move(value)) {}

struct Peer {
  std::string address;
  std::uint16_t port = 0;
};

struct Request {
  std::string method;
  std::vector<Value> params;  // the session is the first
  Peer peer;
};

enum class FaultCode : int {
  internal = -500,  // also a call without any parameter
  type = -501,      // wrong type, too few parameters
  parse = -503,     // no XML-RPC
  no_such_method = -506,
  limit_exceeded = -509,  // larger than MESSAGE_SIZE
};

struct Fault {
  FaultCode code;
  std::string text;

  bool operator==(const Fault&) const = default;
};

/// A Value leaves as (true, value, 0), an Error as (false, text, code, object, -1).
using Reply = std::variant<Value, Error, Fault>;

/// Takes the one reply of a call. May be called from any thread, also from within the handler; it
/// neither blocks nor encodes there. When all copies are gone uncalled the caller gets a fault.
using Done = std::function<void(Reply)>;

/// Carries a call out. Runs on a worker thread, does not wait for a commit, calls `done` once.
using Handler = std::function<void(Request, Done)>;

/// What system.listMethods, methodSignature and methodHelp tell about a call.
struct MethodInfo {
  std::string name;
  std::vector<std::string> signature;  // result first: "array", "string", "int" …
  std::string help;
};

struct Service {
  Handler handle;
  std::vector<MethodInfo> methods;  // those that `handle` knows; the others fault with -506
  /// Whether handle() returns at once: it neither waits for a disk nor works for long. Any thread.
  std::function<bool(const Request&)> is_quick = [](const Request&) { return false; };
};

}  // namespace nubo::api
