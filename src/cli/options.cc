// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace nubo::cli {
namespace {

struct Match {
  const Option* option = nullptr;
  bool ambiguous = false;
};

Match find_long(std::span<const OptionGroup> groups, std::string_view name) {
  Match match;
  for (const OptionGroup& group : groups) {
    for (const Option& option : group) {
      const std::string_view candidate = option.name;
      if (candidate == name) return {&option, false};
      if (!candidate.starts_with(name)) continue;
      // --lis is --list although --listconf begins so too: one name continues the other.
      if (!match.option || std::string_view(match.option->name).starts_with(candidate)) {
        match.option = &option;
      } else if (!candidate.starts_with(match.option->name)) {
        match.ambiguous = true;
      }
    }
  }
  return match;
}

// The groups that stand first win a letter: a command's own options before the common ones.
const Option* find_letter(std::span<const OptionGroup> groups, char letter) {
  for (const OptionGroup& group : groups) {
    for (const Option& option : group) {
      if (option.letter == letter) return &option;
    }
  }
  return nullptr;
}

std::optional<double> leading_number(std::string_view text, std::string_view units,
                                     std::string_view& unit) {
  std::size_t end = 0;
  while (end < text.size() &&
         (std::isdigit(static_cast<unsigned char>(text[end])) || text[end] == '.')) {
    ++end;
  }
  unit = text.substr(end);
  if (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (unit.size() == 2 && std::tolower(static_cast<unsigned char>(unit[1])) == 'b')
    unit = unit.substr(0, 1);
  if (unit.size() > 1) return {};
  if (unit.size() == 1 && units.find(static_cast<char>(
                              std::tolower(static_cast<unsigned char>(unit[0])))) == units.npos) {
    return {};
  }
  return parse_number<double>(text.substr(0, end));
}

std::optional<double> megabytes(std::string_view text, std::string_view units) {
  std::string_view unit;
  const std::optional<double> number = leading_number(text, units, unit);
  if (!number || unit.empty()) return number;
  switch (std::tolower(static_cast<unsigned char>(unit[0]))) {
    case 'g':
      return *number * 1024;
    case 't':
      return *number * 1024 * 1024;
    default:
      return number;
  }
}

class LineParser {
 public:
  LineParser(const std::vector<std::string>& words, std::span<const OptionGroup> groups,
             const ObjectLookup& lookup, Options& options)
      : words_(words), groups_(groups), lookup_(lookup), options_(options) {}

  Result<ParsedLine> parse() {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (word == "--") {
        line_.arguments.insert(line_.arguments.end(), words_.begin() + static_cast<long>(next_),
                               words_.end());
        break;
      }
      if (word.starts_with("--")) {
        NUBO_CHECK(parse_long(word));
      } else if (word.size() > 1 && word.front() == '-') {
        NUBO_CHECK(parse_letters(word));
      } else {
        line_.arguments.push_back(word);
      }
    }
    NUBO_CHECK(look_up_names());
    return std::move(line_);
  }

 private:
  Status parse_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string shown = word.substr(0, equals);
    const Match match = find_long(groups_, std::string_view(shown).substr(2));
    if (match.ambiguous) return fail(Code::api, "ambiguous option: {}", word);
    if (!match.option) return fail(Code::api, "invalid option: {}", word);
    std::optional<std::string> value;
    if (equals != std::string::npos) value = word.substr(equals + 1);
    return take(*match.option, shown, std::move(value));
  }

  Status parse_letters(const std::string& word) {
    for (std::size_t at = 1; at < word.size(); ++at) {
      const std::string shown{'-', word[at]};
      const Option* option = find_letter(groups_, word[at]);
      if (!option) {
        // A single dash also introduces a long name that no letter starts: -verbose.
        return fail(Code::api, "invalid option: {}", word.size() > 2 && at == 1 ? word : shown);
      }
      if (option->takes == Takes::nothing) {
        NUBO_CHECK(take(*option, shown, {}));
        continue;
      }
      std::optional<std::string> value;
      if (at + 1 < word.size()) value = word.substr(at + 1);
      return take(*option, shown, std::move(value));
    }
    return ok();
  }

  Status take(const Option& option, const std::string& shown, std::optional<std::string> value) {
    if (option.takes == Takes::nothing) {
      if (value) return fail(Code::api, "needless argument: {}={}", shown, *value);
      options_.set(option.name, "");
      return ok();
    }
    if (!value && next_ < words_.size() &&
        (option.takes != Takes::optional_text || !words_[next_].starts_with('-'))) {
      value = words_[next_++];
    }
    if (!value && option.takes == Takes::optional_text) value = "";
    if (!value) return fail(Code::api, "missing argument: {}", shown);
    return check(option, shown, std::move(*value));
  }

  Status check(const Option& option, const std::string& shown, std::string value) {
    const std::string joined = shown + " " + value;
    if (value.empty() && option.takes != Takes::optional_text &&
        std::string_view(option.name) == "csv-del") {
      return fail(Code::api, "invalid argument: {}", joined);
    }
    if (option.takes == Takes::integer && !parse_number<long long>(value)) {
      return fail(Code::api, "invalid argument: {}", joined);
    }
    if (option.takes == Takes::number && !parse_number<double>(value)) {
      return fail(Code::api, "invalid argument: {}", joined);
    }
    if (option.takes == Takes::memory) {
      const std::optional<long long> size = parse_memory(value);
      if (!size) return refuse(option, "Memory value malformed");
      value = std::to_string(*size);
    }
    if (option.takes == Takes::size) {
      const std::optional<long long> size = parse_size(value);
      if (!size) return refuse(option, "Size value malformed");
      value = std::to_string(*size);
    }
    if (option.takes == Takes::choice) {
      std::ranges::transform(value, value.begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      if (fmt::format(", {},", option.pool).find(fmt::format(" {},", value)) == std::string::npos) {
        std::string name = option.name;
        name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
        return refuse(option, fmt::format("{} should be: {}", name, option.pool));
      }
    }
    if (option.takes == Takes::object) named_.emplace_back(&option, value);
    options_.set(option.name, std::move(value));
    return ok();
  }

  // When the line is read to its end: only then it is known who asks, and whom.
  Status look_up_names() {
    for (const auto& [option, text] : named_) {
      const Result<int> id = lookup_(option->pool, text);
      if (!id) return refuse(*option, id.error().message);
      options_.set(option->name, std::to_string(*id));
    }
    return ok();
  }

  static Status refuse(const Option& option, const std::string& why) {
    return fail(Code::api, "{}\noption {}: Parsing error", why, option.name);
  }

  const std::vector<std::string>& words_;
  std::span<const OptionGroup> groups_;
  const ObjectLookup& lookup_;
  Options& options_;
  std::size_t next_ = 0;
  std::vector<std::pair<const Option*, std::string>> named_;
  ParsedLine line_;
};

}  // namespace

const std::string& Options::get(std::string_view name) const {
  static const std::string absent;
  const auto found = values_.find(name);
  return found == values_.end() ? absent : found->second;
}

std::optional<std::string> Options::find(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return {};
  return found->second;
}

void Options::set(std::string name, std::string value) {
  if (!has(name)) order_.push_back(name);
  values_.insert_or_assign(std::move(name), std::move(value));
}

Result<ParsedLine> parse_line(const std::vector<std::string>& words,
                              std::span<const OptionGroup> groups, const ObjectLookup& lookup,
                              Options& options) {
  return LineParser(words, groups, lookup, options).parse();
}

std::optional<long long> parse_memory(std::string_view text) {
  const std::optional<double> size = megabytes(text, "mg");
  if (!size) return {};
  return static_cast<long long>(std::floor(*size));
}

std::optional<long long> parse_size(std::string_view text) {
  const std::optional<double> size = megabytes(text, "mgt");
  if (!size) return {};
  return static_cast<long long>(std::ceil(*size));
}

}  // namespace nubo::cli
