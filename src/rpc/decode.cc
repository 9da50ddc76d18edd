// SPDX-License-Identifier: Apache-2.0
#include <xmlrpc-c/base.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "base/numbers.h"
#include "rpc/codec.h"

namespace nubo::rpc {
namespace {

using api::Fault;
using api::FaultCode;
using api::Value;

constexpr std::string_view lead = "Call XML not a proper XML-RPC call.  ";
constexpr int deepest = 256;  // elements; xmlrpc-c itself stops at 64 levels of values

class Environment {
 public:
  Environment() { xmlrpc_env_init(&env_); }

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  ~Environment() { xmlrpc_env_clean(&env_); }

  operator xmlrpc_env*() { return &env_; }

  bool failed() const { return env_.fault_occurred != 0; }

  const xmlrpc_env& get() const { return env_; }

 private:
  xmlrpc_env env_{};
};

struct Release {
  void operator()(xmlrpc_value* value) const { xmlrpc_DECREF(value); }

  void operator()(const char* text) const { std::free(const_cast<char*>(text)); }

  void operator()(const unsigned char* bytes) const {
    std::free(const_cast<unsigned char*>(bytes));
  }
};

using ValuePtr = std::unique_ptr<xmlrpc_value, Release>;

/// Reads a value of a known type with one of xmlrpc-c's xmlrpc_read_* functions.
template <class T, class Read>
T read(Read function, const xmlrpc_value* value) {
  Environment env;
  T result{};
  function(env, value, &result);
  return result;
}

std::string read_string(const xmlrpc_value* value) {
  Environment env;
  std::size_t size = 0;
  const char* text = nullptr;
  xmlrpc_read_string_lp(env, value, &size, &text);
  if (env.failed()) return {};
  const std::unique_ptr<const char, Release> owner(text);
  return {text, size};
}

std::string read_bytes(const xmlrpc_value* value) {
  Environment env;
  std::size_t size = 0;
  const unsigned char* bytes = nullptr;
  xmlrpc_read_base64(env, value, &size, &bytes);
  if (env.failed()) return {};
  const std::unique_ptr<const unsigned char, Release> owner(bytes);
  return {reinterpret_cast<const char*>(bytes), size};
}

Value value_of(xmlrpc_value* value);

api::Array array_of(xmlrpc_value* array) {
  Environment env;
  api::Array values;
  const int size = xmlrpc_array_size(env, array);
  for (int i = 0; i < size; ++i) {
    xmlrpc_value* item = nullptr;
    xmlrpc_array_read_item(env, array, static_cast<unsigned>(i), &item);
    const ValuePtr owner(item);
    values.push_back(value_of(item));
  }
  return values;
}

api::Struct struct_of(xmlrpc_value* members) {
  Environment env;
  api::Struct values;
  const int size = xmlrpc_struct_size(env, members);
  for (int i = 0; i < size; ++i) {
    xmlrpc_value* key = nullptr;
    xmlrpc_value* item = nullptr;
    xmlrpc_struct_read_member(env, members, static_cast<unsigned>(i), &key, &item);
    const ValuePtr key_owner(key);
    const ValuePtr item_owner(item);
    values.push_back({read_string(key), value_of(item)});
  }
  return values;
}

Value value_of(xmlrpc_value* value) {
  switch (xmlrpc_value_type(value)) {
    case XMLRPC_TYPE_INT:
      return Value(read<xmlrpc_int32>(xmlrpc_read_int, value));
    case XMLRPC_TYPE_I8:
      return Value(std::int64_t{read<xmlrpc_int64>(xmlrpc_read_i8, value)});
    case XMLRPC_TYPE_BOOL:
      return Value(read<xmlrpc_bool>(xmlrpc_read_bool, value) != 0);
    case XMLRPC_TYPE_DOUBLE:
      return Value(read<xmlrpc_double>(xmlrpc_read_double, value));
    case XMLRPC_TYPE_STRING:
      return Value(read_string(value));
    case XMLRPC_TYPE_BASE64:
      return Value(api::Bytes{read_bytes(value)});
    case XMLRPC_TYPE_ARRAY:
      return Value(array_of(value));
    case XMLRPC_TYPE_STRUCT:
      return Value(struct_of(value));
    case XMLRPC_TYPE_DATETIME:  // no call takes one: it is of a wrong type wherever it stands
    case XMLRPC_TYPE_NIL:
    case XMLRPC_TYPE_C_PTR:
    case XMLRPC_TYPE_DEAD:
      break;
  }
  return Value(api::Nil{});
}

/// Where the tag ends: at a > that is not in quotes.
std::size_t tag_end(std::string_view document, std::size_t begin) {
  const std::size_t first = std::min(document.find('>', begin), document.size());
  const std::string_view tag = document.substr(begin, first - begin);
  if (tag.find('"') == tag.npos && tag.find('\'') == tag.npos) return first;
  char quote = 0;
  for (std::size_t at = begin; at < document.size(); ++at) {
    const char c = document[at];
    if (c == '>' && quote == 0) return at;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    }
  }
  return document.size();
}

/// Where the tag, comment, CDATA section or instruction that begins at `begin` ends; the end of the
/// document when it does not.
std::size_t markup_end(std::string_view document, std::size_t begin) {
  struct Kind {
    std::string_view begin, end;
  };

  constexpr Kind kinds[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
  for (const Kind& kind : kinds) {
    if (!document.substr(begin).starts_with(kind.begin)) continue;
    return std::min(document.find(kind.end, begin + kind.begin.size()), document.size());
  }
  return tag_end(document, begin);
}

/// xmlrpc-c 1.33.14 says what is wrong with a long number by a format without its argument, and
/// crashes; so only those that it can read may reach it. `text` is what follows the opening tag.
bool is_long_number(std::string_view text) {
  const std::size_t end = text.find('<');
  if (end == text.npos || !text.substr(end).starts_with("</")) return false;
  text = text.substr(0, end);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return text.empty() || parse_number<std::int64_t>(text);
}

bool opens_long_number(std::string_view markup) {
  if (!markup.starts_with("<i8") && !markup.starts_with("<ex:i8")) return false;
  const std::string_view name = markup.substr(1, markup.find_first_of(" \t\r\n") - 1);
  return name == "i8" || name == "ex:i8";
}

// Three things are refused before xmlrpc-c sees them: a document type, whose entities it would
// expand, deep nesting, for it frees its element tree by recursion until the stack is used up, and
// long numbers that are none.
std::optional<std::string_view> unsafe_markup(std::string_view document) {
  int depth = 0;
  for (auto begin = document.find('<'); begin != std::string_view::npos;) {
    const std::size_t end = markup_end(document, begin);
    const std::string_view markup = document.substr(begin, end - begin);
    const std::size_t begin_of_text = std::min(end + 1, document.size());
    begin = document.find('<', end);
    if (markup.starts_with("<!DOCTYPE")) return "A document type is not allowed";
    if (markup.starts_with("<!") || markup.starts_with("<?")) continue;
    if (markup.starts_with("</")) {
      --depth;
    } else if (!markup.ends_with('/') && ++depth > deepest) {
      return "Its elements are nested too deep";
    }
    if (opens_long_number(markup) && !is_long_number(document.substr(begin_of_text))) {
      return "<i8> XML element content is not a number of 64 bits";
    }
  }
  return {};
}

Fault parse_fault(std::string_view why) {
  return {FaultCode::parse, std::string(lead) + std::string(why)};
}

std::optional<Fault> refuse_unsafe(std::string_view document) {
  if (document.size() > xmlrpc_limit_get(XMLRPC_XML_SIZE_LIMIT_ID)) {
    return Fault{FaultCode::limit_exceeded, "The call is larger than MESSAGE_SIZE"};
  }
  // UTF-16 always has zero bytes in markup; the guards below read bytes.
  if (document.find('\0') != std::string_view::npos) return parse_fault("It is not UTF-8");
  if (const auto why = unsafe_markup(document)) return parse_fault(*why);
  return {};
}

}  // namespace

void limit_documents(std::size_t bytes) { xmlrpc_limit_set(XMLRPC_XML_SIZE_LIMIT_ID, bytes); }

tl::expected<Call, Fault> decode_call(std::string_view document) {
  if (auto fault = refuse_unsafe(document)) return tl::make_unexpected(*std::move(fault));
  Environment env;
  const char* method = nullptr;
  xmlrpc_value* params = nullptr;
  xmlrpc_parse_call(env, document.data(), document.size(), &method, &params);
  if (env.failed()) {
    return tl::make_unexpected(parse_fault(env.get().fault_string));
  }
  const std::unique_ptr<const char, Release> method_owner(method);
  const ValuePtr params_owner(params);
  return Call{method, array_of(params)};
}

}  // namespace nubo::rpc
