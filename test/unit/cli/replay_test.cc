// SPDX-License-Identifier: Apache-2.0
// Plays recorded sessions of OpenNebula's command line through ours: the same words, the answers
// that its daemon gave, and then exit code, output and calls must be the same. A case is
// <tool>/<case>.txt below the data folder (README there). NUBO_CLI_SAMPLES names another folder
// of the same form; NUBO_CLI_CASE=onevm/list runs cases that begin so and prints differences.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "cli/run.h"
#include "cli/shell.h"
#include "cli/values.h"
#include "text/xml_reader.h"

namespace nubo::cli {
namespace {

namespace fs = std::filesystem;

constexpr long long recorded_at = 1795262400;

fs::path data_folder() {
  const char* given = std::getenv("NUBO_CLI_SAMPLES");
  return given ? fs::path(given) : fs::path(NUBO_TEST_DATA) / "cli";
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// 'a\nb' or "a\nb" as recorded.
std::string unquoted(std::string_view text) {
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    const char next = text[++i];
    value += next == 'n' ? '\n' : next == 't' ? '\t' : next;
  }
  return value;
}

std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (const char c : line) {
    if (quote ? c == quote : c == '\'' || c == '"') {
      quote = quote ? '\0' : c;
      open = true;
    } else if (c == ' ' && !quote) {
      if (open) words.push_back(word);
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push_back(word);
  return words;
}

struct Case {
  std::string command;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> files;
  std::optional<std::string> input;
  std::vector<std::string> typed;
  Terminal terminal;
  std::string exit;
  std::string out;
  std::string err;
  std::vector<std::string> calls;
};

void read_header(Case& one, const std::string& line) {
  static const std::regex terminal("# terminal: .*, (\\d+) rows x (\\d+) columns");
  static const std::regex controlling("# .*controlling terminal of (\\d+) rows x (\\d+) columns");
  std::smatch match;
  if (std::regex_match(line, match, terminal))
    one.terminal = {true, true, std::stoi(match[1]), std::stoi(match[2])};
  if (std::regex_match(line, match, controlling))
    one.terminal = {false, false, std::stoi(match[1]), std::stoi(match[2])};
  if (line.starts_with("# stdin: ")) one.input = unquoted(std::string_view(line).substr(9));
  if (line.starts_with("# typed on the terminal: ")) {
    for (const std::string& word : shell_words(line.substr(25))) {
      one.typed.push_back(word.substr(0, word.find("\\n")));
    }
  }
  if (line.starts_with("# env: ")) {
    const std::size_t equals = line.find('=');
    one.environment[line.substr(7, equals - 7)] = line.substr(equals + 1);
  }
  if (line.starts_with("# file ")) {
    const std::size_t colon = line.find(": ");
    one.files[line.substr(7, colon - 7)] = unquoted(std::string_view(line).substr(colon + 2));
  }
}

Case read_case(const fs::path& path) {
  Case one;
  std::istringstream text(read(path));
  std::string line;
  std::getline(text, one.command);
  std::string* part = nullptr;
  std::string calls;
  while (std::getline(text, line)) {
    if (line.starts_with("=== exit ")) {
      one.exit = line.substr(9);
    } else if (line.starts_with("=== stdout")) {
      part = &one.out;
    } else if (line.starts_with("=== stderr")) {
      part = &one.err;
    } else if (line.starts_with("=== calls")) {
      part = &calls;
    } else if (part) {
      *part += line + "\n";
    } else {
      read_header(one, line);
    }
  }
  std::istringstream lines(calls);
  while (std::getline(lines, line)) one.calls.push_back(line);
  return one;
}

std::string call_text(const std::string& method, const client::Params& parameters) {
  std::vector<std::string> words;
  for (const client::Value& value : parameters) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      std::string quoted = "\"";
      for (const char c : *text)
        quoted += c == '\n'   ? "\\n"
                  : c == '"'  ? "\\\""
                  : c == '\\' ? "\\\\"
                  : c == '\t' ? "\\t"
                              : std::string(1, c);
      words.push_back(quoted + "\"");
    } else if (const auto* truth = std::get_if<bool>(&value)) {
      words.push_back(*truth ? "true" : "false");
    } else if (const auto* number = std::get_if<int>(&value)) {
      words.push_back(std::to_string(*number));
    } else if (const auto* list = std::get_if<std::vector<int>>(&value)) {
      std::vector<std::string> ids;
      for (const int id : *list) ids.push_back(std::to_string(id));
      words.push_back("[" + join(ids, ", ") + "]");
    }
  }
  return method + "(" + join(words, ", ") + ")";
}

// rpc/<id>: what kind of answer it is (text, number, truth, error) and, from the second line on,
// it.
Result<Answer> recorded_answer(const std::string& file) {
  const std::string text = read(data_folder() / file);
  const std::size_t feed = std::min(text.find('\n'), text.size());
  const std::string kind = text.substr(0, feed);
  const std::string value = text.substr(std::min(feed + 1, text.size()));
  if (kind == "error") return fail(Code::action, "{}", value);
  if (kind == "number") return leading_int(value);
  if (kind == "truth") return value == "1";
  return value;
}

// What changes from run to run is masked in the recordings; ours is masked in the same way.
std::string masked(std::string text) {
  static const std::vector<std::pair<std::regex, std::string>> masks{
      {std::regex("[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}"),
       "Www Mmm dd HH:MM:SS yyyy"},
      {std::regex("\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d"), "mm/dd HH:MM:SS"},
      {std::regex("\\d\\d/\\d\\d \\d\\d:\\d\\d"), "mm/dd HH:MM"},
      {std::regex("\\d\\d/\\d\\d/\\d\\d\\d\\d \\d\\d:\\d\\d"), "dd/mm/yyyy HH:MM"},
      {std::regex("\\d\\d\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d"), "yyyy-mm-dd HH:MM:SS"},
      {std::regex("\\d+d \\d\\dh\\d\\dm\\d\\ds"), "Nd NNhNNmNNs"},
      {std::regex("\\d+d \\d\\dh\\d\\d"), "Nd NNhNN"},
      {std::regex("\\d+h\\d\\dm\\d\\ds"), "NhNNmNNs"},
      {std::regex("\\b\\d\\d:\\d\\d\\b"), "HH:MM"},
      {std::regex("((?:img|tpl|srv|unk) +)\\d\\d/\\d\\d/\\d\\d\\b"), "$1mm/dd/yy"},
      {std::regex(",\\d\\d/\\d\\d/\\d\\d,"), ",mm/dd/yy,"},
      {std::regex("\\b1[78]\\d{8}\\b"), "EEEEEEEEEE"},
      {std::regex("after \\+\\d+s from"), "after +Ns from"},
      {std::regex("at line \\d+"), "at line N"},
      {std::regex("\\d\\d-[A-Z][a-z][a-z] \\d\\d\\.\\d\\d(\\.\\d\\d)?"), "dd-Mmm HH.MM"},
      {std::regex("\\b[0-9a-f]{50}\\b"), std::string(50, 'h')},
      {std::regex("\\b[0-9a-f]{32}\\b"), std::string(32, 'h')},
      {std::regex("Next in [\\d.]+ [a-z]+|Overdue!"), "Next in N units"},
      {std::regex("On \\d\\d/\\d\\d/\\d\\d"), "On mm/dd/yy"},
      {std::regex("(\n {0,2}\\d+ \\d+ +)\\d{1,5} *(?= \\S+ +[a-z-]+ +\\d+ +mm/dd HH:MM:SS)"),
       "$1RRRRR"},
      {std::regex("(REQUEST_ID(?:>|\": \"|: '))\\d+"), "$1R"},
      {std::regex("\\b[0-9a-f]{64}\\b"), std::string(64, 'h')},
      {std::regex("\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b"),
       std::string(36, 'u')},
  };
  for (const auto& [pattern, replacement] : masks)
    text = std::regex_replace(text, pattern, replacement);
  return text;
}

// A name is looked up among all visible objects, where the original sometimes asks for less.
std::string normal(const std::string& call) {
  std::string text = masked(call);
  for (const char* method : {"one.vnpool.info(0,", "one.imagepool.info(-1,",
                             "one.templatepool.info(-1,", "one.vmgrouppool.info(-1,"}) {
    if (text.starts_with(method))
      text.replace(text.find('(') + 1, text.find(',') - text.find('(') - 1, "-2");
  }
  return text;
}

struct Outcome {
  int exit = 0;
  std::string out;
  std::string err;
  std::vector<std::string> calls;
};

class Replay {
 public:
  explicit Replay(const Case& one) : case_(one) {}

  Outcome play() {
    Shell shell{.out = out_, .err = err_, .terminal = case_.terminal};
    shell.variable = [this](const std::string& name) { return variable(name); };
    shell.piped_input = [this] { return case_.input; };
    shell.ask = [this](const std::string& prompt, bool secret) -> Result<std::string> {
      out_ << prompt;
      if (typed_ == case_.typed.size()) {
        return fail(Code::internal, "{}",
                    secret ? "Inappropriate ioctl for device" : "end of file reached");
      }
      if (secret) out_ << '\n';
      return case_.typed[typed_++];
    };
    shell.edit = [this](const std::string& text) -> Result<std::string> { return edited(text); };
    shell.is_file = [this](const std::string& path) {
      return case_.files.count(path) > 0 || is_session_file(path);
    };
    shell.read_file = [this](const std::string& path) -> Result<std::string> {
      const auto file = case_.files.find(path);
      if (file == case_.files.end())
        return fail(Code::internal, "No such file or directory @ rb_sysopen - {}", path);
      return file->second;
    };
    shell.write_secret_file = [](const std::string&, const std::string&) { return ok(); };
    shell.now = [] { return recorded_at; };
    shell.pause = [](std::chrono::milliseconds) {};
    shell.page = [this](const std::string& text) { out_ << text; };
    shell.connect = [this](const Account&) -> Result<Caller> {
      return Caller([this](const std::string& method, const client::Params& parameters) {
        return answer(call_text(method, parameters));
      });
    };
    std::vector<std::string> words = shell_words(case_.command);
    const Tool* tool = find_tool(words.front());
    Outcome outcome;
    outcome.exit = run_tool(shell, *tool, {words.begin() + 1, words.end()});
    outcome.out = out_.str();
    outcome.err = err_.str();
    outcome.calls = calls_;
    return outcome;
  }

 private:
  // The editors of the recordings: one shows the text, one adds a line, one leaves it, one fails.
  Result<std::string> edited(const std::string& text) {
    const std::string editor = variable("EDITOR");
    if (editor.ends_with("/cat.sh")) err_ << text;
    if (editor.ends_with("/ed.sh")) return text + "F=\"6\"\n";
    if (editor.ends_with("/cat.sh") || editor.ends_with("/true")) return text;
    return fail(Code::internal, "no editor");
  }

  static bool is_session_file(const std::string& path) {
    return path.ends_with("/one_auth") || path.ends_with("/tok_bob3");
  }

  std::string variable(const std::string& name) const {
    const auto found = case_.environment.find(name);
    if (found != case_.environment.end()) return found->second;
    return name == "HOME" ? "/var/lib/one" : name == "PWD" ? "/var/lib/one/files" : "";
  }

  Result<Answer> answer(const std::string& call) {
    calls_.push_back(call);
    for (std::size_t i = 0; i < case_.calls.size(); ++i) {
      const std::string& recorded = case_.calls[i];
      const std::size_t arrow = recorded.rfind(" -> ");
      if (used_.count(i) || normal(recorded.substr(0, arrow)) != normal(call)) continue;
      used_.insert(i);
      return recorded_answer(recorded.substr(recorded.find("rpc/", arrow)));
    }
    return fail(Code::internal, "not recorded: {}", call);
  }

  const Case& case_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::vector<std::string> calls_;
  std::set<std::size_t> used_;
  std::size_t typed_ = 0;
};

std::vector<std::string> sorted_calls(const std::vector<std::string>& calls, bool recorded) {
  std::set<std::string> unique;
  for (const std::string& call : calls) {
    const std::string text = recorded ? call.substr(0, call.rfind(" -> ")) : call;
    unique.insert(normal(text));
  }
  return {unique.begin(), unique.end()};
}

bool only_reads(const std::string& call) { return call.find("info(") != call.npos; }

// Ours may read less than the original did, never more; what is written must be the same.
bool same_calls(const std::vector<std::string>& ours, const std::vector<std::string>& recorded) {
  for (const std::string& call : ours) {
    if (std::ranges::find(recorded, call) == recorded.end()) return false;
  }
  return std::ranges::all_of(recorded, [&](const std::string& call) {
    return only_reads(call) || std::ranges::find(ours, call) != ours.end();
  });
}

std::string without_trailing_feed(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string difference(const Case& recorded, const Outcome& got) {
  std::ostringstream text;
  const std::string out = without_trailing_feed(masked(got.out));
  const std::string wanted_out = without_trailing_feed(masked(recorded.out));
  const bool help = recorded.out.starts_with("## ");
  if (recorded.exit != std::to_string(got.exit))
    text << "exit " << got.exit << ", recorded " << recorded.exit << "\n";
  if (help ? !out.starts_with("## ") : out != wanted_out)
    text << "--- stdout\n" << out << "\n--- recorded\n" << wanted_out << "\n";
  const std::string err = without_trailing_feed(masked(got.err));
  const std::string wanted_err = without_trailing_feed(masked(recorded.err));
  if (err != wanted_err) text << "--- stderr\n" << err << "\n--- recorded\n" << wanted_err << "\n";
  const auto calls = sorted_calls(got.calls, false);
  const auto wanted = sorted_calls(recorded.calls, true);
  if (!same_calls(calls, wanted))
    text << "--- calls\n" << join(calls, "\n") << "\n--- recorded\n" << join(wanted, "\n") << "\n";
  return text.str();
}

// Recorded cases that differ on purpose; docs/cli.md says why.
std::set<std::string> deliberate() {
  std::set<std::string> names;
  std::istringstream lines(read(data_folder() / "deliberate.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != '#') names.insert(line.substr(0, line.find(' ')));
  }
  return names;
}

std::vector<std::string> all_cases() {
  std::vector<std::string> names;
  for (const Tool& tool : all_tools()) {
    const fs::path folder = data_folder() / std::string(tool.name);
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      names.push_back(std::string(tool.name) + "/" + entry.path().stem().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

TEST(Replay, RecordedSessionsGiveTheSameResults) {
  setenv("TZ", "UTC", 1);
  const char* only = std::getenv("NUBO_CLI_CASE");
  const std::set<std::string> exempt = deliberate();
  int same = 0;
  std::vector<std::string> different;
  for (const std::string& name : all_cases()) {
    if (only && !name.starts_with(only)) continue;
    if (!only && exempt.count(name)) continue;
    const Case one = read_case(data_folder() / (name + ".txt"));
    const std::string text = difference(one, Replay(one).play());
    if (text.empty()) {
      ++same;
      continue;
    }
    different.push_back(name);
    if (only) std::printf("##### %s\n%s\n%s\n", name.c_str(), one.command.c_str(), text.c_str());
  }
  std::printf("%d cases are the same, %zu differ, %zu differ on purpose\n", same, different.size(),
              exempt.size());
  EXPECT_TRUE(different.empty()) << join(different, "\n");
  EXPECT_GT(same, 0);
}

}  // namespace
}  // namespace nubo::cli
