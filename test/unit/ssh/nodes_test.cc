// SPDX-License-Identifier: Apache-2.0
#include "ssh/nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "base/guarded.h"
#include "ssh/quote.h"
#include "support/loopback_sshd.h"

namespace nubo::ssh {

namespace {

using ::testing::HasSubstr;

constexpr auto node = "127.0.0.1";

class NodesTest : public ::testing::Test {
 protected:
  driver::Context context(Milliseconds limit = std::chrono::seconds(60)) {
    return {{.deadline = clock.steady() + limit, .stop = stop.get_token()}, clock};
  }

  Nodes& nodes() {
    if (!nodes_) nodes_.emplace(settings);
    return *nodes_;
  }

  std::string out(const std::string& script) {
    const auto result = nodes().output(node, {.script = script}, context());
    return result ? *result : "error: " + result.error().message;
  }

  static std::string contents(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  bool becomes_true(const std::function<bool()>& condition) {
    const SteadyTime until = clock.steady() + std::chrono::seconds(20);
    while (!condition() && clock.steady() < until) std::this_thread::yield();
    return condition();
  }

  const SystemClock clock;
  std::stop_source stop;
  testing::LoopbackSshd sshd;
  testing::TempDir dir;
  Settings settings = sshd.settings();

 private:
  std::optional<Nodes> nodes_;
};

TEST_F(NodesTest, ACommandGivesItsOutputsAndItsExitStatus) {
  const auto outcome = nodes().run(node, {.script = "echo out; echo err >&2; exit 3"}, context());
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->out, "out\n");
  EXPECT_EQ(outcome->err, "err\n");
  EXPECT_EQ(outcome->exit_status, 3);
}

TEST_F(NodesTest, OneSessionServesOneCommandAfterTheOther) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(out("echo " + std::to_string(i)), fmt::format("{}\n", i));
  EXPECT_EQ(sshd.connections(), 1);
}

TEST_F(NodesTest, AScriptThatFailsIsAnErrorWithItsWordsAndTheNode) {
  EXPECT_EQ(out("echo first >&2; echo second >&2; exit 1"), "error: on 127.0.0.1: first second");
  EXPECT_EQ(out("exit 7"), "error: on 127.0.0.1: a command ended with exit code 7");
}

TEST_F(NodesTest, ACommandReadsItsInput) {
  const std::string input(3'000'000, 'x');
  const auto outcome = nodes().run(node, {.script = "wc -c", .input = input}, context());
  EXPECT_EQ(outcome->out, "3000000\n");
}

TEST_F(NodesTest, ACommandMayEndWithoutReadingItsInput) {
  const std::string input(8'000'000, 'x');
  const auto outcome = nodes().run(node, {.script = "exit 4", .input = input}, context());
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_status, 4);
}

TEST_F(NodesTest, ALongScriptRunsWhole) {
  std::string script;
  for (int i = 0; i < 5000; ++i)
    script += fmt::format("x={}\n", quote("value'" + std::to_string(i)));
  EXPECT_EQ(out(script + "echo $x"), "value'4999\n");
}

TEST_F(NodesTest, HugeOutputArrivesWholeOrIsRefused) {
  const std::string script = "head -c 20000000 /dev/zero | tr '\\0' a";
  const auto whole = nodes().run(node, {.script = script, .output_limit = 20'000'000}, context());
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->out.size(), 20'000'000U);
  const auto refused = nodes().run(node, {.script = script, .output_limit = 1000}, context());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("more than 1000 bytes"));
  EXPECT_EQ(out("echo next"), "next\n");
}

TEST_F(NodesTest, TwoHundredCommandsAtOnceAllEndOnFewSessions) {
  Guarded<std::vector<std::string>> wrong;
  nodes();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 200; ++i)
      threads.emplace_back([this, i, &wrong] {
        const std::string said = out(fmt::format("echo {}", i));
        if (said != fmt::format("{}\n", i)) wrong.with([&](auto& all) { all.push_back(said); });
      });
  }
  wrong.with([](const auto& all) { EXPECT_THAT(all, ::testing::IsEmpty()); });
  EXPECT_LE(sshd.connections(), settings.sessions_per_node);
}

TEST_F(NodesTest, AHostWithoutAKnownKeyIsRefused) {
  std::ofstream(settings.known_hosts[0], std::ios::trunc) << "\n@revoked nonsense\n";
  EXPECT_THAT(out("true"), HasSubstr("no Ed25519 or ECDSA host key is known for 127.0.0.1"));
}

TEST_F(NodesTest, AHostWithAnotherKeyIsRefused) {
  sshd.make_key("other_key");
  std::string type, key;
  std::ifstream(sshd.dir() / "other_key.pub") >> type >> key;
  std::ofstream(settings.known_hosts[0], std::ios::trunc)
      << "[127.0.0.1]:" << settings.port << " " << type << " " << key << "\n";
  EXPECT_THAT(out("true"), HasSubstr("127.0.0.1 shows another host key than the known one"));
}

TEST_F(NodesTest, AKeyThatTheNodeDoesNotKnowIsRefused) {
  sshd.make_key("stranger_key");
  settings.keys = {sshd.dir() / "missing_key", sshd.dir() / "stranger_key"};
  EXPECT_THAT(out("true"), HasSubstr("127.0.0.1 does not let " + settings.user + " in with " +
                                     (sshd.dir() / "stranger_key")));
}

TEST_F(NodesTest, WithoutAnyKeyTheErrorSaysSo) {
  settings.keys = {sshd.dir() / "missing_key"};
  EXPECT_THAT(out("true"), HasSubstr("none of the key files can be read"));
}

TEST_F(NodesTest, AnAgentLetsUsInWithoutAKeyFile) {
  const std::string agent = "SSH_AUTH_SOCK=" + (dir / "agent");
  auto child = driver::spawn({"/usr/bin/ssh-agent", "-D", "-a", dir / "agent"}).value();
  ASSERT_TRUE(becomes_true([this] { return std::filesystem::exists(dir / "agent"); }));
  const auto added = driver::run_process(
      {.argv = {"/usr/bin/ssh-add", "-q", settings.keys[0]}, .environment = {agent}}, context());
  ASSERT_EQ(added->exit_code, 0) << added->err;
  ::setenv("SSH_AUTH_SOCK", (dir / "agent").c_str(), 1);
  settings.use_agent = true;
  settings.keys.clear();
  EXPECT_EQ(out("echo in"), "in\n");
  ::unsetenv("SSH_AUTH_SOCK");
  ::kill(child.pid, SIGKILL);
  ::waitpid(child.pid, nullptr, 0);
}

TEST_F(NodesTest, APortThatNobodyListensOnIsAnErrorAtOnce) {
  const int port = settings.port;
  settings.port = 1;
  std::ofstream(settings.known_hosts[0], std::ios::app)
      << "127.0.0.1"
      << contents(settings.known_hosts[0]).substr(fmt::format("[127.0.0.1]:{}", port).size());
  EXPECT_THAT(out("true"), HasSubstr("cannot connect to 127.0.0.1 port 1: Connection refused"));
}

TEST_F(NodesTest, AFrozenServerHoldsANewConnectionOnlyToItsLimit) {
  sshd.freeze();
  settings.connect_limit = Milliseconds(300);
  const SteadyTime start = clock.steady();
  EXPECT_THAT(out("true"), HasSubstr("timed out"));
  EXPECT_LT(clock.steady() - start, std::chrono::seconds(5));
  sshd.thaw();
}

TEST_F(NodesTest, AFrozenServerHoldsACommandOnlyToItsDeadlineAndIsFineAfterwards) {
  EXPECT_EQ(out("echo first"), "first\n");
  sshd.freeze();
  const auto held = nodes().run(node, {.script = "echo held"}, context(Milliseconds(300)));
  ASSERT_FALSE(held);
  EXPECT_THAT(held.error().message, HasSubstr("timed out"));
  sshd.thaw();
  EXPECT_EQ(out("echo again"), "again\n");
}

TEST_F(NodesTest, ACutConnectionIsMadeAnew) {
  EXPECT_EQ(out("echo first"), "first\n");
  sshd.cut_connections();
  EXPECT_EQ(out("echo second"), "second\n");
}

TEST_F(NodesTest, AConnectionCutUnderACommandIsAnErrorNotASuccess) {
  std::jthread cutter([this] {
    becomes_true([this] { return std::filesystem::exists(dir / "running"); });
    sshd.cut_connections();
  });
  EXPECT_THAT(out("touch " + quote(dir / "running") + "; exec tail -f /dev/null"),
              HasSubstr("lost the connection to 127.0.0.1"));
}

TEST_F(NodesTest, CancellingEndsTheCommandOnTheNodeToo) {
  const std::string pid_file = dir / "pid";
  std::jthread canceller([this, &pid_file] {
    becomes_true([&pid_file] { return !contents(pid_file).empty(); });
    stop.request_stop();
  });
  EXPECT_THAT(out("echo $$ > " + quote(pid_file) + "; tail -f /dev/null; echo over"),
              HasSubstr("cancelled"));
  const pid_t pid = std::stoi(contents(pid_file));
  EXPECT_TRUE(becomes_true([pid] { return ::kill(pid, 0) != 0; }));
}

TEST_F(NodesTest, TheFrontEndIsANodeWithoutSsh) {
  for (const std::string here : {"", "frontend"}) {
    const auto outcome = nodes().run(here, {.script = "cat; exit 2", .input = "in"}, context());
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->out, "in");
    EXPECT_EQ(outcome->exit_status, 2);
  }
  EXPECT_EQ(sshd.connections(), 0);
}

struct Ends {
  std::string from, to;
};

class PipeTest : public NodesTest, public ::testing::WithParamInterface<Ends> {};

TEST_P(PipeTest, CarriesEverythingFromOneNodeToTheOther) {
  const auto [from, to] = GetParam();
  const std::string target = dir / "copy";
  const Status status = nodes().pipe({from, "head -c 5000000 /dev/zero | tr '\\0' b"},
                                     {to, "cat > " + quote(target)}, context());
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(contents(target), std::string(5'000'000, 'b'));
}

TEST_P(PipeTest, FailsWhenEitherSideDoes) {
  const auto [from, to] = GetParam();
  const Status source =
      nodes().pipe({from, "echo no such image >&2; exit 1"}, {to, "cat"}, context());
  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message, HasSubstr("no such image"));
  const Status sink = nodes().pipe({from, "yes"}, {to, "echo disk full >&2; exit 1"}, context());
  ASSERT_FALSE(sink);
  EXPECT_THAT(sink.error().message, HasSubstr("disk full"));
}

INSTANTIATE_TEST_SUITE_P(Between, PipeTest,
                         ::testing::Values(Ends{"", ""}, Ends{"", "127.0.0.1"},
                                           Ends{"127.0.0.1", ""}, Ends{"127.0.0.1", "127.0.0.2"}));

TEST_F(NodesTest, AFileIsWrittenWholeWithItsDirectory) {
  const std::string path = dir / "a 'b'/c";
  const std::string text(100'000, 'z');
  ASSERT_TRUE(nodes().write_file({node, path}, text, context()));
  EXPECT_EQ(contents(path), text);
  ASSERT_TRUE(nodes().write_file({"", path}, "", context()));
  EXPECT_EQ(contents(path), "");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

}  // namespace

}  // namespace nubo::ssh
