// SPDX-License-Identifier: Apache-2.0
#include "cli/user_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/values.h"

namespace nubo::cli {
namespace {

// "M|text|Name of the database|range or options|default"
struct Input {
  std::string name;
  bool mandatory = true;
  std::string type;
  std::string description;
  std::string choices;
  std::string initial;
};

std::vector<std::string> fields_of(std::string_view text) {
  std::vector<std::string> fields;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t to = std::min(text.find('|', from), text.size());
    fields.emplace_back(text.substr(from, to - from));
    from = to + 1;
  }
  fields.resize(std::max<std::size_t>(fields.size(), 5));
  return fields;
}

Input input_of(const XmlNode& element) {
  const std::vector<std::string> fields = fields_of(element.text());
  return {std::string(element.name()),
          !fields[0].starts_with('O'),
          fields[1],
          fields[2],
          fields[3],
          fields[4]};
}

std::vector<Input> ordered_inputs(const XmlNode& contents) {
  std::vector<Input> inputs;
  for (const XmlNode& element : contents.child("USER_INPUTS").children())
    inputs.push_back(input_of(element));
  const std::vector<std::string> order = split(contents.get("INPUTS_ORDER"), ',');
  std::ranges::stable_sort(inputs, {}, [&](const Input& input) {
    return std::ranges::find(order, input.name) - order.begin();
  });
  return inputs;
}

// Why the answer will not do; "" when it will.
std::string objection(const Input& input, const std::string& answer) {
  if (input.type == "number" || input.type == "range") {
    if (!parse_number<long long>(answer)) return "Integer required";
  } else if (input.type == "number-float" || input.type == "range-float") {
    if (!parse_number<double>(answer)) return "Float required";
  } else if (input.type == "boolean") {
    const std::string word = upper(answer);
    if (word != "YES" && word != "NO") return "Boolean required (YES or NO)";
  }
  const std::size_t dots = input.choices.find("..");
  if (input.type.starts_with("range") && dots != input.choices.npos) {
    const double value = parse_number<double>(answer).value_or(0);
    if (value < parse_number<double>(input.choices.substr(0, dots)).value_or(value) ||
        value > parse_number<double>(input.choices.substr(dots + 2)).value_or(value)) {
      return "Value must be in the range " + input.choices;
    }
  }
  return "";
}

std::string prompt_for(const Input& input) {
  std::string prompt = fmt::format("  * ({}) {}\n", input.name, input.description);
  if (input.type.starts_with("list")) {
    int index = 0;
    for (const std::string& choice : split(input.choices, ','))
      prompt += fmt::format("    {}  {}\n", index++, choice);
  }
  prompt += "    ";
  if (!input.initial.empty())
    prompt += fmt::format("Press enter for default ({}). ", input.initial);
  return prompt;
}

Result<std::string> ask_for(Run& run, const Input& input) {
  for (;;) {
    NUBO_TRY(std::string answer, run.shell.ask(prompt_for(input), input.type == "password"));
    if (answer.empty()) answer = input.initial;
    if (answer.empty() && !input.mandatory) return answer;
    if (input.type.starts_with("list")) {
      const std::vector<std::string> choices = split(input.choices, ',');
      const std::optional<std::size_t> index = parse_number<std::size_t>(answer);
      if (index && *index < choices.size()) return choices[*index];
      if (std::ranges::find(choices, answer) != choices.end()) return answer;
      continue;
    }
    const std::string wrong = objection(input, answer);
    if (wrong.empty() && !answer.empty()) return answer;
    if (!wrong.empty()) run.line("    " + wrong);
  }
}

}  // namespace

Result<std::string> answer_user_inputs(Run& run, const XmlNode& contents) {
  const std::vector<Input> inputs = ordered_inputs(contents);
  std::map<std::string, std::string> given;
  for (const std::string& pair : split(run.options.get("user-inputs"), ',')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    given[pair.substr(0, equals)] = pair.substr(std::min(equals + 1, pair.size()));
  }
  std::string text;
  for (const Input& input : inputs) {
    std::string value;
    if (const auto known = given.find(input.name); known != given.end()) {
      value = known->second;
    } else {
      if (&input == &inputs.front()) run.line("There are some parameters that require user input.");
      NUBO_TRY(value, ask_for(run, input));
    }
    text += fmt::format("{}={}\n", input.name, quoted(value));
  }
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace nubo::cli
