// SPDX-License-Identifier: Apache-2.0
#include "bench/load.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <memory>
#include <system_error>
#include <thread>

#include "base/fd.h"
#include "client/codec.h"
#include "client/http.h"

namespace nubo::bench {
namespace {

constexpr Seconds grace{60};  // for answers still owed when the time is over

Seconds thread_cpu() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return Seconds(static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9);
}

struct Peer {
  Fd socket;
  Request request;
  std::size_t sent = 0;
  client::ResponseParser response;
  Steady::time_point started;
};

class Worker {
 public:
  Worker(const Target& target, const LoadPlan& plan, int index)
      : plan_(plan),
        address_(target.address()),
        source_(plan.source(index, plan.threads)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        peers_(static_cast<std::size_t>(share(index))) {}

  LoadResult run() {
    const auto began = Steady::now();
    const Seconds cpu = thread_cpu();
    deadline_ = began + std::chrono::duration_cast<Steady::duration>(plan_.duration);
    for (Peer& peer : peers_) begin(peer);
    std::array<epoll_event, 256> events{};
    while (live_ > 0 && Steady::now() < deadline_ + grace) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), 1000);
      for (int i = 0; i < count; ++i) {
        serve(*static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr));
      }
    }
    if (live_ > 0) note_error(fmt::format("{} requests without an answer", live_));
    result_.wall = Steady::now() - began;
    result_.client_cpu = thread_cpu() - cpu;
    return std::move(result_);
  }

 private:
  int share(int index) const {
    return plan_.connections / plan_.threads + (index < plan_.connections % plan_.threads ? 1 : 0);
  }

  void begin(Peer& peer) {
    auto next = Steady::now() < deadline_ ? source_() : std::nullopt;
    if (!next) return peer.socket.reset();
    peer.request = std::move(*next);
    peer.sent = 0;
    peer.response = client::ResponseParser();
    peer.started = Steady::now();
    ++live_;
    if (!peer.socket) return connect(peer);
    send(peer);
  }

  void connect(Peer& peer) {
    peer.socket = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(peer.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ++result_.connects;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets take addresses
    const auto* address = reinterpret_cast<const sockaddr*>(&address_);
    if (::connect(peer.socket.get(), address, sizeof(address_)) < 0 && errno != EINPROGRESS) {
      return end(peer, std::generic_category().message(errno));
    }
    epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = &peer}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, peer.socket.get(), &wanted);
  }

  void serve(Peer& peer) {
    if (!peer.socket) return;
    if (peer.sent < peer.request.bytes.size() && !send(peer)) return;
    receive(peer);
  }

  bool send(Peer& peer) {
    const std::string& bytes = peer.request.bytes;
    while (peer.sent < bytes.size()) {
      const auto count = ::send(peer.socket.get(), bytes.data() + peer.sent,
                                bytes.size() - peer.sent, MSG_NOSIGNAL);
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
      if (count < 0) return end(peer, std::generic_category().message(errno)), false;
      peer.sent += static_cast<std::size_t>(count);
    }
    return true;
  }

  // Edge-triggered: what is there must be read to its end or to the end of the answer.
  void receive(Peer& peer) {
    while (true) {
      const auto count = ::recv(peer.socket.get(), buffer_.data(), buffer_.size(), 0);
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (count < 0) return end(peer, std::generic_category().message(errno));
      const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
      const Status fed = count > 0 ? peer.response.feed(bytes) : peer.response.end();
      if (!fed) return end(peer, fed.error().message);
      if (peer.response.is_complete()) return finish(peer);
    }
  }

  void finish(Peer& peer) {
    const std::string& body = peer.response.body();
    result_.bytes += body.size();
    if (std::string_view(body).substr(0, 500).find("<boolean>1</boolean>") == std::string::npos) {
      return end(peer, fmt::format("HTTP {}: {}", peer.response.status(), body.substr(0, 400)));
    }
    result_.latencies[peer.request.kind].add(Steady::now() - peer.started);
    if (plan_.on_answer) plan_.on_answer(peer.request.kind, body);
    end(peer, {});
  }

  // The request is over, well or with an error. An answer that came keeps its connection if it may.
  void end(Peer& peer, std::string_view error) {
    if (!error.empty()) note_error(error);
    const bool is_kept = peer.response.is_complete() && peer.response.keeps_alive() &&
                         plan_.connection == Connection::keep_alive;
    if (!is_kept) peer.socket.reset();
    --live_;
    if (result_.errors > 1000) deadline_ = Steady::now();
    begin(peer);
  }

  void note_error(std::string_view text) {
    ++result_.errors;
    if (result_.first_error.empty()) result_.first_error = text;
  }

  const LoadPlan& plan_;
  sockaddr_in address_;
  Source source_;
  Fd epoll_;
  std::vector<Peer> peers_;
  std::string buffer_ = std::string(256 * 1024, '\0');
  Steady::time_point deadline_;
  int live_ = 0;
  LoadResult result_;
};

void add(LoadResult& sum, LoadResult&& part) {
  for (auto& [kind, latencies] : part.latencies) sum.latencies[kind].add(latencies);
  sum.errors += part.errors;
  if (sum.first_error.empty()) sum.first_error = std::move(part.first_error);
  sum.bytes += part.bytes;
  sum.connects += part.connects;
  sum.wall = std::max(sum.wall, part.wall);
  sum.client_cpu += part.client_cpu;
}

}  // namespace

std::string Target::endpoint() const { return fmt::format("http://127.0.0.1:{}/RPC2", port); }

sockaddr_in Target::address() const {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Request request(const Target& target, Connection connection, std::string_view method,
                const client::Params& params) {
  const std::string body = client::encode_call(method, target.session, params);
  const auto* wish = connection == Connection::keep_alive ? "keep-alive" : "close";
  return {.kind = std::string(method),
          .bytes = fmt::format("POST /RPC2 HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
                               "Content-Type: text/xml\r\nConnection: {}\r\n"
                               "Content-Length: {}\r\n\r\n{}",
                               target.port, wish, body.size(), body)};
}

Latencies LoadResult::all() const {
  Latencies sum;
  for (const auto& [kind, part] : latencies) sum.add(part);
  return sum;
}

LoadResult run_load(const Target& target, const LoadPlan& plan) {
  std::vector<LoadResult> results(static_cast<std::size_t>(plan.threads));
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < plan.threads; ++i) {
      threads.emplace_back([&target, &plan, &results, i] {
        results[static_cast<std::size_t>(i)] = Worker(target, plan, i).run();
      });
    }
  }
  LoadResult sum;
  for (LoadResult& part : results) add(sum, std::move(part));
  return sum;
}

}  // namespace nubo::bench
