// SPDX-License-Identifier: Apache-2.0
#include "nubo/driver/message.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/utf8.h"

namespace nubo::driver {

namespace {

using nlohmann::json;

// Every line is {"KIND":{…}} whose members are scalars, objects of strings or lists of strings.
// Nothing deeper and no more values than this are built, whatever a line says.
constexpr int most_values = 100'000;
constexpr std::int64_t longest_deadline_ms = std::int64_t{30} * 24 * 3600 * 1000;

struct Member {
  std::optional<std::int64_t> number;
  std::optional<bool> flag;
  std::optional<std::string> text;
  std::optional<Values> object;
  std::optional<std::vector<std::string>> list;
};

using Members = std::map<std::string, Member, std::less<>>;

class LineReader final : public nlohmann::json_sax<json> {
 public:
  std::string kind;
  Members members;
  std::string problem;

  bool null() override { return problem_is("null where a value belongs"); }

  bool boolean(bool value) override {
    if (depth_ != 2 || list_) return problem_is("true or false where text belongs");
    members[key_].flag = value;
    return true;
  }

  bool number_integer(std::int64_t value) override {
    if (depth_ != 2 || list_) return problem_is("a number where text belongs");
    members[key_].number = value;
    return true;
  }

  bool number_unsigned(std::uint64_t value) override {
    if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
      return problem_is("a number that is too large");
    return number_integer(static_cast<std::int64_t>(value));
  }

  bool number_float(double, const std::string&) override {
    return problem_is("a number that is not whole");
  }

  bool string(std::string& value) override {
    if (++values_ > 2 * most_values) return problem_is("too many values");
    if (list_) {
      members[key_].list->push_back(std::move(value));
    } else if (depth_ == 3) {
      members[key_].object->insert_or_assign(inner_key_, std::move(value));
    } else if (depth_ == 2) {
      members[key_].text = std::move(value);
    } else {
      return problem_is("text where an object belongs");
    }
    return true;
  }

  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (depth_ == 3 || list_) return problem_is("an object where text belongs");
    if (++depth_ == 3) members[key_].object.emplace();
    return true;
  }

  bool key(std::string& name) override {
    if (++values_ > most_values) return problem_is("too many values");
    if (depth_ == 1) {
      if (!kind.empty()) return problem_is("more than one message");
      kind = std::move(name);
    } else {
      (depth_ == 2 ? key_ : inner_key_) = std::move(name);
    }
    return true;
  }

  bool end_object() override {
    --depth_;
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ != 2 || list_) return problem_is("a list where text belongs");
    members[key_].list.emplace();
    list_ = true;
    return true;
  }

  bool end_array() override {
    list_ = false;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return problem_is(fmt::format("it is not JSON at byte {}", position));
  }

 private:
  bool problem_is(std::string what) {
    problem = std::move(what);
    return false;
  }

  int depth_ = 0;
  int values_ = 0;
  bool list_ = false;
  std::string key_, inner_key_;
};

// Takes members out of a message by name and notes the first that is missing or of a wrong type.
class Taker {
 public:
  Taker(std::string_view kind, Members& members) : kind_(kind), members_(members) {}

  template <class T>
  void need(std::string_view name, std::optional<T> Member::*type, T& into) {
    const auto found = members_.find(name);
    if (found != members_.end() && found->second.*type) {
      into = std::move(*(found->second.*type));
    } else if (problem_.empty()) {
      problem_ = fmt::format("{} without a good \"{}\"", kind_, name);
    }
  }

  template <class T>
  void maybe(std::string_view name, std::optional<T> Member::*type, T& into) {
    if (members_.contains(name)) need(name, type, into);
  }

  template <class Number>
  void need_number(std::string_view name, std::int64_t least, std::int64_t most, Number& into) {
    std::int64_t number = least;
    need(name, &Member::number, number);
    if ((number < least || number > most) && problem_.empty())
      problem_ = fmt::format("{} with \"{}\" out of range", kind_, name);
    into = Number(number);
  }

  template <class Message, class Variant>
  Result<Variant> result(Message message) {
    if (!problem_.empty()) return fail(Code::internal, "bad driver message: {}", problem_);
    return Variant(std::move(message));
  }

 private:
  std::string_view kind_;
  Members& members_;
  std::string problem_;
};

struct Line {
  std::string kind;
  Members members;
};

Result<Line> read(std::string_view line) {
  if (line.size() > longest_line)
    return fail(Code::internal, "bad driver message: longer than {} bytes", longest_line);
  std::string clean;
  if (valid_utf8_prefix(line) != line.size()) {
    clean = to_valid_utf8(line);
    line = clean;
  }
  LineReader reader;
  if (!json::sax_parse(line, &reader) || reader.kind.empty())
    return fail(Code::internal, "bad driver message: {}",
                reader.problem.empty() ? "no object" : reader.problem);
  return Line{std::move(reader.kind), std::move(reader.members)};
}

Result<ToDriver> take_request(Taker from) {
  Request request;
  from.need("id", &Member::number, request.id);
  from.need("action", &Member::text, request.action);
  from.need_number("deadline_ms", 0, longest_deadline_ms, request.deadline);
  from.need("kind", &Member::text, request.object.kind);
  from.need_number("object", -1, std::numeric_limits<int>::max(), request.object.id);
  from.maybe("node", &Member::text, request.node);
  from.maybe("args", &Member::object, request.args);
  return from.result<Request, ToDriver>(std::move(request));
}

Result<FromDriver> take_answer(Taker from) {
  Answer answer;
  from.need("id", &Member::number, answer.id);
  from.need("ok", &Member::flag, answer.ok);
  from.maybe("error", &Member::text, answer.error);
  from.maybe("data", &Member::object, answer.data);
  return from.result<Answer, FromDriver>(std::move(answer));
}

Result<FromDriver> take_progress(Taker from) {
  Progress progress;
  from.need("id", &Member::number, progress.id);
  from.need("text", &Member::text, progress.text);
  return from.result<Progress, FromDriver>(std::move(progress));
}

Result<FromDriver> take_event(Taker from) {
  Event event;
  from.need("name", &Member::text, event.name);
  from.maybe("node", &Member::text, event.node);
  from.maybe("data", &Member::object, event.data);
  return from.result<Event, FromDriver>(std::move(event));
}

Result<FromDriver> take_hello(Taker from) {
  Hello hello;
  from.need("driver", &Member::text, hello.driver);
  from.need_number("protocol", 0, std::numeric_limits<int>::max(), hello.protocol);
  from.maybe("quick", &Member::list, hello.quick);
  return from.result<Hello, FromDriver>(std::move(hello));
}

json to_json(const Configure& message) { return {{"configure", message.settings}}; }

json to_json(const Request& message) {
  return {{"request",
           {{"id", message.id},
            {"action", message.action},
            {"kind", message.object.kind},
            {"object", message.object.id},
            {"node", message.node},
            {"deadline_ms", message.deadline.count()},
            {"args", message.args}}}};
}

json to_json(const Cancel& message) { return {{"cancel", {{"id", message.id}}}}; }

json to_json(const Answer& message) {
  json body = {{"id", message.id}, {"ok", message.ok}};
  if (!message.error.empty()) body["error"] = message.error;
  if (!message.data.empty()) body["data"] = message.data;
  return {{"answer", std::move(body)}};
}

json to_json(const Progress& message) {
  return {{"progress", {{"id", message.id}, {"text", message.text}}}};
}

json to_json(const Event& message) {
  return {{"event", {{"name", message.name}, {"node", message.node}, {"data", message.data}}}};
}

json to_json(const Hello& message) {
  json body = {{"driver", message.driver}, {"protocol", message.protocol}};
  if (!message.quick.empty()) body["quick"] = message.quick;
  return {{"hello", std::move(body)}};
}

template <class Variant>
std::string encode_any(const Variant& message) {
  const json line = std::visit([](const auto& one) { return to_json(one); }, message);
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string encode(const ToDriver& message) { return encode_any(message); }

std::string encode(const FromDriver& message) { return encode_any(message); }

Result<ToDriver> decode_to_driver(std::string_view text) {
  NUBO_TRY(Line line, read(text));
  Taker from(line.kind, line.members);
  if (line.kind == "request") return take_request(from);
  if (line.kind == "configure") {
    Configure configure;
    for (const auto& [name, member] : line.members)
      from.need(name, &Member::text, configure.settings[name]);
    return from.result<Configure, ToDriver>(std::move(configure));
  }
  if (line.kind == "cancel") {
    Cancel cancel;
    from.need("id", &Member::number, cancel.id);
    return from.result<Cancel, ToDriver>(cancel);
  }
  return fail(Code::internal, "bad driver message: unknown kind \"{}\"", line.kind.substr(0, 40));
}

Result<FromDriver> decode_from_driver(std::string_view text) {
  NUBO_TRY(Line line, read(text));
  const Taker from(line.kind, line.members);
  if (line.kind == "answer") return take_answer(from);
  if (line.kind == "progress") return take_progress(from);
  if (line.kind == "event") return take_event(from);
  if (line.kind == "hello") return take_hello(from);
  return fail(Code::internal, "bad driver message: unknown kind \"{}\"", line.kind.substr(0, 40));
}

}  // namespace nubo::driver
