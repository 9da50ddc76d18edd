// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <variant>

#include "base/numbers.h"
#include "text/expression.h"
#include "text/expression_lexer.h"
#include "text/trim.h"

namespace nubo {
namespace {

// The C library's matcher takes quadratic time for some patterns (a row of open brackets).
constexpr std::size_t longest_pattern = 1024;

enum class Relation { equal, not_equal, greater, less, contains };

struct RelationName {
  std::string_view symbol;
  Relation relation;
};

constexpr std::array relations{
    RelationName{"=", Relation::equal}, RelationName{"!=", Relation::not_equal},
    RelationName{">", Relation::greater}, RelationName{"<", Relation::less},
    RelationName{"@>", Relation::contains}};

std::optional<double> number_in(std::string_view value) {
  return parse_number<double>(trimmed(value));
}

struct Comparison {
  std::string name;
  Relation relation = Relation::equal;
  std::variant<double, std::string> wanted;

  bool holds(const Facts& facts) const;

 private:
  bool matches(const std::string& value) const;
};

bool Comparison::matches(const std::string& value) const {
  if (const double* number = std::get_if<double>(&wanted)) return number_in(value) == *number;
  const std::string& pattern = std::get<std::string>(wanted);
  return !pattern.empty() && fnmatch(pattern.c_str(), value.c_str(), 0) == 0;
}

bool Comparison::holds(const Facts& facts) const {
  const std::vector<std::string> values = facts(name);
  const auto any = [&] {
    return std::ranges::any_of(values, [&](const std::string& value) { return matches(value); });
  };
  if (name == "CURRENT_VMS") return any() == (relation != Relation::not_equal);
  if (values.empty()) return false;
  const std::string& first = values.front();
  switch (relation) {
    case Relation::equal:
      return matches(first);
    case Relation::not_equal:
      return !matches(first);
    case Relation::contains:
      return any();
    case Relation::greater:
      return number_in(first) > std::get<double>(wanted);
    case Relation::less:
      return number_in(first) && number_in(first) < std::get<double>(wanted);
  }
  return false;
}

// What holds so far is one truth value: a comparison sets it, the others look at it.
enum class Step { compare, negate, skip_if_false, skip_if_true };

struct Instruction {
  Step step;
  std::size_t target = 0;  // of compare: which one; of a skip: where to go on
};

}  // namespace

struct Requirement::Program {
  std::vector<Comparison> comparisons;
  std::vector<Instruction> instructions;

  bool run(const Facts& facts) const {
    bool holds = true;
    for (std::size_t at = 0; at < instructions.size();) {
      const auto [step, target] = instructions[at++];
      if (step == Step::compare) holds = comparisons[target].holds(facts);
      if (step == Step::negate) holds = !holds;
      if (step == Step::skip_if_false && !holds) at = target;
      if (step == Step::skip_if_true && holds) at = target;
    }
    return holds;
  }
};

namespace {

class RequirementCompiler {
 public:
  explicit RequirementCompiler(std::string_view text) : lexer_(text) {}

  Result<Requirement::Program> compile() {
    if (lexer_.current().kind == Lexeme::end) return std::move(program_);
    NUBO_CHECK(chain(0));
    if (lexer_.current().kind != Lexeme::end) return lexer_.expecting("& or |");
    return std::move(program_);
  }

 private:
  static constexpr int deepest = 100;  // parentheses

  Status chain(int depth) {
    NUBO_CHECK(operand(depth));
    while (true) {
      const bool is_and = lexer_.current().is("&");
      if (!lexer_.skip("&") && !lexer_.skip("|")) return ok();
      const std::size_t skip = program_.instructions.size();
      program_.instructions.push_back({is_and ? Step::skip_if_false : Step::skip_if_true});
      NUBO_CHECK(operand(depth));
      program_.instructions[skip].target = program_.instructions.size();
    }
  }

  Status operand(int depth) {
    bool is_negated = false;
    while (lexer_.skip("!")) is_negated = !is_negated;
    if (lexer_.skip("(")) {
      if (depth == deepest) return lexer_.expecting("fewer parentheses");
      NUBO_CHECK(chain(depth + 1));
      if (!lexer_.skip(")")) return lexer_.expecting("& or | or )");
    } else {
      NUBO_CHECK(comparison());
    }
    if (is_negated) program_.instructions.push_back({Step::negate});
    return ok();
  }

  Status comparison() {
    if (!lexer_.current().is_name()) return lexer_.expecting("an attribute");
    Comparison comparison{.name = std::string(lexer_.current().text)};
    lexer_.advance();
    const auto relation = std::ranges::find_if(
        relations, [this](const RelationName& row) { return lexer_.current().is(row.symbol); });
    if (relation == relations.end()) return lexer_.expecting("= or != or > or < or @>");
    comparison.relation = relation->relation;
    lexer_.advance();
    NUBO_TRY(comparison.wanted, value());
    const bool wants_order =
        comparison.relation == Relation::greater || comparison.relation == Relation::less;
    if (wants_order && !std::holds_alternative<double>(comparison.wanted)) {
      return lexer_.expecting("a number, not text, before this");
    }
    program_.instructions.push_back({Step::compare, program_.comparisons.size()});
    program_.comparisons.push_back(std::move(comparison));
    return ok();
  }

  Result<std::variant<double, std::string>> value() {
    const bool is_negative = lexer_.skip("-");
    const Lexeme lexeme = lexer_.current();
    const bool is_text = lexeme.is_name() && !is_negative;
    if (lexeme.kind != Lexeme::number && !is_text) return lexer_.expecting("a value");
    if (is_text && lexeme.text.size() > longest_pattern) {
      return lexer_.expecting(fmt::format("at most {} bytes of text", longest_pattern));
    }
    lexer_.advance();
    if (is_text) return std::string(lexeme.text);
    const double number = number_in(lexeme.text).value_or(0);
    return is_negative ? -number : number;
  }

  ExpressionLexer lexer_;
  Requirement::Program program_;
};

}  // namespace

Result<Requirement> Requirement::compile(std::string_view text) {
  NUBO_TRY(Program program, RequirementCompiler(text).compile());
  Requirement compiled;
  compiled.program_ = std::make_shared<const Program>(std::move(program));
  return compiled;
}

bool Requirement::holds(const Facts& facts) const { return !program_ || program_->run(facts); }

}  // namespace nubo
