// SPDX-License-Identifier: Apache-2.0
// A closed-loop load over HTTP: each connection sends its next request when the answer to the last
// is whole. A latency runs from the start of a request (connecting included where the connection is
// new) to the last byte of its answer. One epoll loop per thread; the loop waits for nobody else.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/latencies.h"
#include "nubo/client/client.h"

namespace nubo::bench {

struct Target {
  std::string label;    // of the daemon in tables
  std::uint16_t port;   // on 127.0.0.1
  std::string session;  // "user:password"

  std::string endpoint() const;
  sockaddr_in address() const;
};

struct Request {
  std::string kind;   // latencies are kept apart by it
  std::string bytes;  // head and body
};

/// The HTTP request of a call.
enum class Connection { keep_alive, close };
Request request(const Target& target, Connection connection, std::string_view method,
                const client::Params& params);

/// The next request of a worker; nothing ends its connections.
using Source = std::function<std::optional<Request>()>;

struct LoadPlan {
  int connections = 1;
  Connection connection = Connection::keep_alive;
  Seconds duration{5};
  int threads = 1;
  /// Makes the source of worker `index` of `count`.
  std::function<Source(int index, int count)> source;
  /// Sees each good answer's body, on the thread of its worker.
  std::function<void(std::string_view kind, std::string_view body)> on_answer;
};

struct LoadResult {
  std::map<std::string, Latencies> latencies;  // of good answers, by kind
  std::uint64_t errors = 0;
  std::string first_error;
  std::uint64_t bytes = 0;     // of answers' bodies
  std::uint64_t connects = 0;  // connections opened
  Seconds wall{0};
  Seconds client_cpu{0};  // near `wall` * threads: the client is the limit

  Latencies all() const;

  double per_second() const { return static_cast<double>(all().count()) / wall.count(); }
};

LoadResult run_load(const Target& target, const LoadPlan& plan);

}  // namespace nubo::bench
