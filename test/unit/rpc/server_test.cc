// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "support/http_peer.h"

namespace nubo::rpc {
namespace {

using nubo::test::HttpPeer;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

/// Set by the test, read by the server's io thread.
class AtomicClock final : public Clock {
 public:
  EpochSeconds now() const override { return EpochSeconds(784111777); }

  SteadyTime steady() const override { return SteadyTime(Milliseconds(elapsed_)); }

  void advance(Milliseconds time) { elapsed_ += time.count(); }

 private:
  std::atomic<Milliseconds::rep> elapsed_ = 0;
};

std::string call(std::string_view method, std::string_view param = "<i4>1</i4>") {
  return fmt::format(
      "<?xml version=\"1.0\"?><methodCall><methodName>{}</methodName><params><param><value>{}"
      "</value></param></params></methodCall>",
      method, param);
}

std::string post(std::string_view body, std::string_view headers = "") {
  return fmt::format("POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n{}",
                     body.size(), headers, body);
}

/// Answers "echo" and "quick" with its first parameter, "fail" with an error, "hold" when the test says so,
/// "forget" never; "block" keeps its thread meanwhile.
class RpcServer : public testing::Test {
 protected:
  void start(Settings settings = {}) {
    settings.port = 0;
    server_.emplace(io_, clock_, settings,
                    api::Service{[this](api::Request request, api::Done done) {
                                   handle(std::move(request), done);
                                 },
                                 {{"echo", {"array", "string"}, "Says it again"}},
                                 [](const api::Request& request) {
                                   return request.method == "quick";
                                 }});
    ASSERT_TRUE(server_->listen());
  }

  ~RpcServer() override {
    if (server_) server_->stop(5s);
    work_.reset();
    server_.reset();
  }

  void handle(api::Request request, const api::Done& done) {
    const bool echoes = request.method == "echo" || request.method == "quick";
    if (echoes) return done(std::move(request.params.at(0)));
    if (request.method == "fail") return done(Error{Code::action, "no", 3});
    if (request.method == "hold") return held_.set_value(done);
    if (request.method == "twice") done(1);
    if (request.method == "list") return done(list_);
    if (request.method == "block") {
      blocked_.set_value();
      unblock_.get_future().wait();
      return done(1);
    }
    if (request.method == "throw") throw std::runtime_error("of the handler");
  }

  std::string ask(const std::string& request) {
    HttpPeer peer(server_->port());
    peer.send(request);
    return peer.receive();
  }

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  AtomicClock clock_;
  std::promise<api::Done> held_;
  std::promise<void> blocked_, unblock_;
  api::Text list_;  // what "list" answers
  std::jthread io_thread_{[this] { io_.run(); }};
  std::optional<Server> server_;
};

TEST_F(RpcServer, AnswersWithTheHeadersThatClientsKnow) {
  start();
  const std::string response = ask(post(call("echo")));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\nContent-type: text/xml; charset=utf-8\r\n"
                                   "Content-length: "));
  EXPECT_THAT(response, HasSubstr("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_THAT(response, HasSubstr("<boolean>1</boolean></value>\r\n<value><i4>1</i4></value>"));
}

TEST_F(RpcServer, KeepsTheConnectionForManyRequests) {
  start();
  HttpPeer peer(server_->port());
  for (int i = 0; i < 5; ++i) {
    peer.send(post(call("echo", fmt::format("<i4>{}</i4>", i))));
    EXPECT_THAT(peer.receive(), HasSubstr(fmt::format("<i4>{}</i4>", i)));
  }
}

TEST_F(RpcServer, RequestsThatArriveTogetherAreAnsweredInTurn) {
  start();
  HttpPeer peer(server_->port());
  peer.send(post(call("echo", "<i4>11</i4>")) + post(call("echo", "<i4>22</i4>")));
  EXPECT_THAT(peer.receive(), HasSubstr("<i4>11</i4>"));
  EXPECT_THAT(peer.receive(), HasSubstr("<i4>22</i4>"));
}

TEST_F(RpcServer, ClosesWhenTheClientAsks) {
  start();
  HttpPeer peer(server_->port());
  peer.send(post(call("echo"), "Connection: close\r\n"));
  EXPECT_THAT(peer.receive(), HasSubstr("Connection: close"));
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(RpcServer, ClosesAfterTheMostRequestsOfAConnection) {
  Settings settings;
  settings.http.requests_per_connection = 2;
  start(settings);
  HttpPeer peer(server_->port());
  peer.send(post(call("echo")));
  EXPECT_THAT(peer.receive(), HasSubstr("Connection: keep-alive"));
  peer.send(post(call("echo")));
  EXPECT_THAT(peer.receive(), HasSubstr("Connection: close"));
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(RpcServer, OddRequestsGetTheStatusThatSaysWhy) {
  start();
  const std::string body = call("echo");
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("GET /RPC2 HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ask("DELETE /RPC2 HTTP/1.1\r\n\r\n"), HasSubstr("Allow: POST"));
  EXPECT_THAT(ask("POST /RPC2 HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 411 "));
  EXPECT_THAT(ask("POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 411 "));
  EXPECT_THAT(ask(post("")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("SSH-2.0-OpenSSH_9.2\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("POST /RPC2 HTTP/1.1\r\nContent-Length: -5\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("POST /RPC2 HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("POST /RPC2 HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(post("<a/>")), HasSubstr("<i4>-503</i4>"));
}

TEST_F(RpcServer, WaitingForContinueGetsIt) {
  start();
  HttpPeer peer(server_->port());
  const std::string body = call("echo");
  peer.send(fmt::format("POST /RPC2 HTTP/1.1\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
                        body.size()));
  EXPECT_THAT(peer.receive(), StartsWith("HTTP/1.1 100 "));
  peer.send(body);
  EXPECT_THAT(peer.receive(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RpcServer, LargerThanTheLimitIsAFaultThatArrivesThoughTheClientGoesOnSending) {
  Settings settings;
  settings.http.body_bytes = 1000;
  start(settings);
  EXPECT_THAT(ask(post(std::string(4'000'000, 'x'))), HasSubstr("<i4>-509</i4>"));
  EXPECT_THAT(ask(post(call("echo"))), HasSubstr("<i4>1</i4>"));
}

TEST_F(RpcServer, LargeBodiesTogetherHaveALimitThatIsGivenBackAndSmallOnesPass) {
  Settings settings;
  settings.http.small_body_bytes = 400;
  settings.http.large_bodies_bytes = 1500;
  start(settings);
  const std::string large = post(call("echo", "<string>" + std::string(800, 'x') + "</string>"));
  HttpPeer slow(server_->port());
  slow.send("POST /RPC2 HTTP/1.1\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(slow.receive(), StartsWith("HTTP/1.1 100 "));
  EXPECT_THAT(ask(large), StartsWith("HTTP/1.1 200 ")) << "a length alone takes no room";
  slow.send(std::string(900, 'x'));
  ask(post(call("echo")));  // the io thread has seen those bytes
  const std::string refused = ask(large);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: 1\r\n"));
  EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));
  slow.send(std::string(100, 'x'));
  EXPECT_THAT(slow.receive(), HasSubstr("<i4>-503</i4>"));
  EXPECT_THAT(ask(large), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RpcServer, OneConnectionTooManyIsToldSo) {
  Settings settings;
  settings.http.connections = 2;
  start(settings);
  HttpPeer first(server_->port());
  HttpPeer second(server_->port());
  for (HttpPeer* peer : {&first, &second}) {
    peer->send(post(call("echo")));
    EXPECT_THAT(peer->receive(), StartsWith("HTTP/1.1 200 "));
  }
  HttpPeer third(server_->port());
  EXPECT_THAT(third.receive(), StartsWith("HTTP/1.1 503 "));
  first.send(post(call("echo")));
  EXPECT_THAT(first.receive(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RpcServer, AtTheLimitTheConnectionThatWaitsLongestGivesWay) {
  Settings settings;
  settings.http.connections = 2;
  start(settings);
  HttpPeer older(server_->port());
  HttpPeer newer(server_->port());
  for (HttpPeer* peer : {&older, &newer}) {
    peer->send(post(call("echo")));
    EXPECT_THAT(peer->receive(), StartsWith("HTTP/1.1 200 "));
  }
  older.send("POST /RPC2 HTT");  // a head that does not come to its end is waiting, too
  clock_.advance(2s);
  EXPECT_THAT(ask(post(call("echo"), "Connection: close\r\n")), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(older.is_closed());
  newer.send(post(call("echo")));
  EXPECT_THAT(newer.receive(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RpcServer, AConnectionThatIsBeingAnsweredGivesNoWay) {
  Settings settings;
  settings.http.connections = 1;
  start(settings);
  HttpPeer peer(server_->port());
  peer.send(post(call("hold")));
  const api::Done done = held_.get_future().get();
  clock_.advance(1h);
  EXPECT_THAT(HttpPeer(server_->port()).receive(), StartsWith("HTTP/1.1 503 "));
  done(5);
  EXPECT_THAT(peer.receive(), HasSubstr("<i4>5</i4>"));
}

TEST_F(RpcServer, ARequestThatWaitedTooLongForAThreadIsRefusedAndNotCarriedOut) {
  Settings settings;
  settings.workers = 1;
  start(settings);
  HttpPeer first(server_->port());
  first.send(post(call("block")));
  blocked_.get_future().wait();
  HttpPeer second(server_->port());
  second.send(post(call("hold")));
  HttpPeer unknown(server_->port());
  unknown.send("x\r\n\r\n");
  EXPECT_THAT(unknown.receive(), StartsWith("HTTP/1.1 400 "));  // the io thread goes on
  clock_.advance(16s);
  unblock_.set_value();
  EXPECT_THAT(first.receive(), HasSubstr("<i4>1</i4>"));
  EXPECT_THAT(second.receive(), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(held_.get_future().wait_for(0s), std::future_status::timeout);
}

TEST_F(RpcServer, AQuickCallIsAnsweredWhileAllThreadsAreBusy) {
  Settings settings;
  settings.workers = 1;
  start(settings);
  HttpPeer first(server_->port());
  first.send(post(call("block")));
  blocked_.get_future().wait();
  EXPECT_THAT(ask(post(call("quick", "<i4>77</i4>"))), HasSubstr("<i4>77</i4>"));
  unblock_.set_value();
  EXPECT_THAT(first.receive(), HasSubstr("<i4>1</i4>"));
}

TEST_F(RpcServer, WithoutRoomInTheQueueTheClientIsToldAtOnceAndMayTryAgain) {
  Settings settings;
  settings.longest_queue = 0;
  start(settings);
  HttpPeer peer(server_->port());
  for (int i = 0; i < 2; ++i) {
    peer.send(post(call("echo")));
    EXPECT_THAT(peer.receive(), StartsWith("HTTP/1.1 503 "));
  }
}

TEST_F(RpcServer, SlowRequestsAreEnded) {
  start();
  HttpPeer in_header(server_->port());
  in_header.send("POST /RPC2 HTTP/1.1\r\nHos");
  HttpPeer in_body(server_->port());
  in_body.send("POST /RPC2 HTTP/1.1\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(in_body.receive(), StartsWith("HTTP/1.1 100 "));
  HttpPeer silent(server_->port());
  EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));  // all three were accepted
  clock_.advance(15s);
  EXPECT_THAT(in_header.receive(), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(in_body.receive(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(silent.is_closed());
}

TEST_F(RpcServer, ADripDoesNotRenewTheTimeOfARequest) {
  start();
  HttpPeer in_header(server_->port());
  HttpPeer in_body(server_->port());
  in_body.send("POST /RPC2 HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");
  for (const char byte : std::string_view("POST /RPC2 HTTP/1.1\r\n")) {
    in_header.send({&byte, 1});
    in_body.send("x");
    EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));  // they have been read
    clock_.advance(1s);
  }
  EXPECT_THAT(in_header.receive(), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(in_body.receive(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(RpcServer, ABodyThatKeepsTheLeastRateMayTakeLong) {
  start();
  constexpr std::size_t piece = 32 * 1024;
  HttpPeer peer(server_->port());
  peer.send(fmt::format("POST /RPC2 HTTP/1.1\r\nContent-Length: {}\r\n\r\n", 20 * piece));
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));
    clock_.advance(2s);
    peer.send(std::string(piece, 'x'));
  }
  EXPECT_THAT(peer.receive(), HasSubstr("<i4>-503</i4>"));
}

TEST_F(RpcServer, KeptConnectionsEndWhenIdle) {
  start();
  HttpPeer peer(server_->port());
  peer.send(post(call("echo")));
  EXPECT_THAT(peer.receive(), StartsWith("HTTP/1.1 200 "));
  ask(post(call("echo")));  // the io thread is done with the answer before
  clock_.advance(61s);
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(RpcServer, AReplyMayComeLaterFromAnotherThread) {
  start();
  HttpPeer peer(server_->port());
  peer.send(post(call("hold")));
  const api::Done done = held_.get_future().get();
  EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));  // no worker is held
  clock_.advance(1h);  // nor does a deadline of the connection run
  std::jthread([&done] { done(Error{Code::action, "wrong state", 7}); }).join();
  EXPECT_THAT(peer.receive(), HasSubstr("<string>wrong state</string>"));
}

TEST_F(RpcServer, AHandlerThatGivesNoAnswerIsAFault) {
  start();
  EXPECT_THAT(ask(post(call("forget"))), HasSubstr("<i4>-500</i4>"));
  EXPECT_THAT(ask(post(call("throw"))), HasSubstr("<i4>-500</i4>"));
  EXPECT_THAT(ask(post(call("twice"))), HasSubstr("<i4>1</i4>"));
}

TEST_F(RpcServer, LargeAnswersArriveWhole) {
  start();
  std::string text;
  for (int i = 0; text.size() < 2'000'000; ++i) text += fmt::format("&lt;VM&gt;{}", i);
  const std::string response = ask(post(call("echo", "<string>" + text + "</string>")));
  EXPECT_THAT(response.size(), testing::Gt(text.size()));
  EXPECT_NE(response.find(text), std::string::npos);
}

TEST_F(RpcServer, AListArrivesWholeThoughItIsMadeInPieces) {
  const auto part = std::make_shared<const std::string>(std::string(99'999, 'v') + "\r<&");
  list_.owners.push_back(part);
  list_.parts.assign(50, {*part});
  list_.parts.push_back(
      {.text = {},
       .make = [](const void* of) { return *static_cast<const std::string*>(of); },
       .of = part.get()});
  start();
  const std::string response = ask(post(call("list")));
  std::string wanted;
  for (int i = 0; i < 51; ++i) wanted += std::string(99'999, 'v') + "&#x0d;&lt;&amp;";
  EXPECT_NE(response.find("<string>" + wanted + "</string>"), std::string::npos);
}

/// A list too long for the buffers of the two sockets.
class SlowReaders : public RpcServer {
 protected:
  SlowReaders() {
    const auto part = std::make_shared<const std::string>(1'000'000, 'v');
    list_.owners.push_back(part);
    list_.parts.assign(12, {*part});
    list_.own_bytes = 100'000;
  }

  std::unique_ptr<HttpPeer> reader() {
    auto peer = std::make_unique<HttpPeer>(server_->port());
    peer->send(post(call("list")));
    peer->await_bytes();
    return peer;
  }
};

TEST_F(SlowReaders, WhoTakesNothingIsCutAndOthersAreAnsweredMeanwhile) {
  start();
  const auto slow = reader();
  EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));
  clock_.advance(1h);  // well beyond what the bytes that its buffers took have earned it
  EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(slow->is_cut());
}

TEST_F(SlowReaders, BeyondTheLimitLongAnswersAreBusyShortOnesAreNot) {
  Settings settings;
  settings.http.answers_bytes = 150'000;
  start(settings);
  auto slow = reader();
  EXPECT_THAT(ask(post(call("list"))), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(ask(post(call("echo"))), StartsWith("HTTP/1.1 200 "));
  slow->receive();
  const std::string response = ask(post(call("list")));
  EXPECT_THAT(response.substr(0, 20), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RpcServer, StopAnswersWhatIsInHandAndTakesNoMore) {
  start();
  HttpPeer idle(server_->port());
  idle.send(post(call("echo")));
  EXPECT_THAT(idle.receive(), StartsWith("HTTP/1.1 200 "));
  HttpPeer peer(server_->port());
  peer.send(post(call("hold")));
  const api::Done done = held_.get_future().get();
  std::jthread stopper([this] { server_->stop(10s); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(HttpPeer(server_->port()).is_connected());
  done(5);
  EXPECT_THAT(peer.receive(), HasSubstr("<i4>5</i4>"));
}

TEST_F(RpcServer, StopEndsWithACallUnanswered) {
  start();
  HttpPeer peer(server_->port());
  peer.send(post(call("hold")));
  const api::Done done = held_.get_future().get();
  server_->stop(0ms);
  EXPECT_TRUE(peer.is_closed());
  done(5);  // too late, and harmless
}

TEST_F(RpcServer, AnAddressInUseIsNamed) {
  start();
  Server second(io_, clock_, Settings{.port = server_->port()}, api::Service{});
  const Status status = second.listen();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            fmt::format("cannot listen on 127.0.0.1:{}: Address already in use", server_->port()));
}

TEST_F(RpcServer, DescribesItsMethods) {
  start();
  EXPECT_THAT(ask(post(call("system.listMethods"))),
              HasSubstr("<string>system.multicall</string>"));
  EXPECT_THAT(ask(post(call("system.methodExist", "echo"))), HasSubstr("<boolean>1</boolean>"));
  EXPECT_THAT(ask(post(call("system.methodExist", "no"))), HasSubstr("<boolean>0</boolean>"));
  EXPECT_THAT(ask(post(call("system.methodHelp", "echo"))), HasSubstr("Says it again"));
  EXPECT_THAT(ask(post(call("system.methodSignature", "echo"))),
              HasSubstr("<value><string>array</string></value>\r\n<value><string>string</string>"));
  EXPECT_THAT(ask(post(call("system.methodSignature", "no"))),
              HasSubstr("Method 'no' does not exist"));
  EXPECT_THAT(ask(post(call("system.nothing"))), HasSubstr("Method 'system.nothing' not defined"));
  EXPECT_THAT(ask(post(call("system.shutdown"))), HasSubstr("<i4>-500</i4>"));
}

std::string in_multicall(std::string_view method) {
  return fmt::format(
      "<value><struct><member><name>methodName</name><value>{}</value></member><member>"
      "<name>params</name><value><array><data><value><i4>9</i4></value></data></array></value>"
      "</member></struct></value>",
      method);
}

TEST_F(RpcServer, MulticallGivesEachResultInOrder) {
  start();
  std::string calls;
  for (int i = 0; i < 100; ++i) calls += in_multicall("echo");
  calls += in_multicall("forget") + in_multicall("fail") + in_multicall("system.nothing");
  const std::string response =
      ask(post(call("system.multicall", "<array><data>" + calls + "</data></array>")));
  const auto fault = response.find("<i4>-500</i4>");
  const auto failure = response.find("<string>no</string>");
  const auto unknown = response.find("<i4>-506</i4>");
  EXPECT_LT(response.rfind("<i4>9</i4>"), fault);
  EXPECT_LT(fault, failure);
  EXPECT_LT(failure, unknown);
  EXPECT_NE(unknown, std::string::npos);
}

TEST_F(RpcServer, MulticallRefusesItselfAndTooMuch) {
  start();
  const auto ask_for = [this](const std::string& calls) {
    return ask(post(call("system.multicall", "<array><data>" + calls + "</data></array>")));
  };
  EXPECT_THAT(ask_for(in_multicall("system.multicall")), HasSubstr("<i4>-500</i4>"));
  EXPECT_THAT(ask_for("<value><i4>1</i4></value>"), HasSubstr("<i4>-501</i4>"));
  std::string calls;
  for (int i = 0; i < 257; ++i) calls += in_multicall("echo");
  EXPECT_THAT(ask_for(calls), HasSubstr("<i4>-509</i4>"));
}

}  // namespace
}  // namespace nubo::rpc
