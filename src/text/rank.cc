// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <variant>

#include "base/assert.h"
#include "base/numbers.h"
#include "text/expression.h"
#include "text/expression_lexer.h"
#include "text/trim.h"

namespace nubo {
namespace {

enum class Operator { add, subtract, multiply, divide, negate };

double apply(Operator op, double left, double right) {
  switch (op) {
    case Operator::add:
      return left + right;
    case Operator::subtract:
      return left - right;
    case Operator::multiply:
      return left * right;
    case Operator::divide:
      return left / right;
    case Operator::negate:
      return -right;
  }
  return 0;
}

// Reverse Polish: a number or an attribute (by name) pushes, an operator pops its operands.
using RankStep = std::variant<double, std::string, Operator>;

double first_number(const std::vector<std::string>& values) {
  return values.empty() ? 0 : parse_number<double>(trimmed(values.front())).value_or(0);
}

double pop(std::vector<double>& stack) {
  NUBO_ASSERT(!stack.empty());
  const double value = stack.back();
  stack.pop_back();
  return value;
}

}  // namespace

struct Rank::Program {
  std::vector<RankStep> steps;

  double run(const Facts& facts) const {
    std::vector<double> stack;
    for (const RankStep& step : steps) {
      if (const auto* op = std::get_if<Operator>(&step)) {
        const double right = pop(stack);
        stack.push_back(apply(*op, *op == Operator::negate ? 0 : pop(stack), right));
      } else if (const auto* name = std::get_if<std::string>(&step)) {
        stack.push_back(first_number(facts(*name)));
      } else {
        stack.push_back(std::get<double>(step));
      }
    }
    const double result = stack.empty() ? 0 : stack.back();
    return std::isfinite(result) ? std::trunc(result) : 0;
  }
};

namespace {

class RankCompiler {
 public:
  explicit RankCompiler(std::string_view text) : lexer_(text) {}

  Result<Rank::Program> compile() {
    if (lexer_.current().kind == Lexeme::end) return std::move(program_);
    NUBO_CHECK(sum(0));
    if (lexer_.current().kind != Lexeme::end) return lexer_.expecting("+ or - or * or /");
    return std::move(program_);
  }

 private:
  static constexpr int deepest = 100;  // parentheses

  Status sum(int depth) {
    NUBO_CHECK(product(depth));
    while (true) {
      const bool is_add = lexer_.current().is("+");
      if (!lexer_.skip("+") && !lexer_.skip("-")) return ok();
      NUBO_CHECK(product(depth));
      push(is_add ? Operator::add : Operator::subtract);
    }
  }

  Status product(int depth) {
    NUBO_CHECK(factor(depth));
    while (true) {
      const bool is_multiply = lexer_.current().is("*");
      if (!lexer_.skip("*") && !lexer_.skip("/")) return ok();
      NUBO_CHECK(factor(depth));
      push(is_multiply ? Operator::multiply : Operator::divide);
    }
  }

  Status factor(int depth) {
    bool is_negated = false;
    while (lexer_.skip("-")) is_negated = !is_negated;
    if (lexer_.skip("(")) {
      if (depth == deepest) return lexer_.expecting("fewer parentheses");
      NUBO_CHECK(sum(depth + 1));
      if (!lexer_.skip(")")) return lexer_.expecting("+ or - or * or / or )");
    } else if (const Lexeme lexeme = lexer_.current(); lexeme.is_name()) {
      push(std::string(lexeme.text));
      lexer_.advance();
    } else if (lexeme.kind == Lexeme::number) {
      push(parse_number<double>(lexeme.text).value_or(0));
      lexer_.advance();
    } else {
      return lexer_.expecting("an attribute or a number");
    }
    if (is_negated) push(Operator::negate);
    return ok();
  }

  void push(RankStep step) { program_.steps.push_back(std::move(step)); }

  ExpressionLexer lexer_;
  Rank::Program program_;
};

}  // namespace

Result<Rank> Rank::compile(std::string_view text) {
  NUBO_TRY(Program program, RankCompiler(text).compile());
  Rank compiled;
  compiled.program_ = std::make_shared<const Program>(std::move(program));
  return compiled;
}

double Rank::value(const Facts& facts) const { return program_ ? program_->run(facts) : 0; }

}  // namespace nubo
