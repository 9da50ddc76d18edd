// SPDX-License-Identifier: Apache-2.0
#include "ssh/session.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "ssh/host_key.h"
#include "ssh/session_state.h"

namespace nubo::ssh {

namespace {

constexpr Milliseconds channel_limit{10'000};  // a node that works opens a channel at once
const SystemClock machine_clock;

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

struct FreeAgent {
  void operator()(LIBSSH2_AGENT* agent) const {
    ::libssh2_agent_disconnect(agent);
    ::libssh2_agent_free(agent);
  }
};

// The same request with less time.
driver::Context at_most(Milliseconds limit, const driver::Context& context) {
  const SteadyTime until = machine_clock.steady() + std::min(limit, context.left());
  return {{.deadline = until, .stop = context.stop_token()}, machine_clock};
}

void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

// A node that is gone without a word is noticed by the kernel, also while a session is idle.
void keep_alive(int socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}

Result<Fd> connect_to(const addrinfo& address, Waiter& waiter) {
  Fd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail(Code::internal, "{}", std::strerror(errno));
  int error = 0;
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0) error = errno;
  if (error == EINPROGRESS) {
    NUBO_CHECK(waiter.wait(socket.get(), POLLOUT));
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) return fail(Code::internal, "{}", std::strerror(error));
  keep_alive(socket.get());
  return socket;
}

Result<Fd> connect_to(const std::string& node, int port, Waiter& waiter) {
  const addrinfo hints{.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM};
  addrinfo* list = nullptr;
  // Bounded by the limits of the resolver only (resolv.conf).
  const int wrong = ::getaddrinfo(node.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (wrong != 0) return fail(Code::internal, "{}", ::gai_strerror(wrong));
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(list);
  Result<Fd> socket = fail(Code::internal, "no address");
  for (const addrinfo* one = addresses.get(); one != nullptr && !socket; one = one->ai_next)
    socket = connect_to(*one, waiter);
  return socket;
}

// How a node lets us in: the agent's keys, then the files.
class Login {
 public:
  Login(Session::State& state, const Settings& settings, Waiter& waiter)
      : state_(state), settings_(settings), waiter_(waiter) {}

  Status run() {
    if (settings_.use_agent && by_agent()) return ok();
    for (const std::string& key : settings_.keys) {
      if (::access(key.c_str(), R_OK) != 0) continue;
      const Status status = by_file(key);
      if (status) return ok();
      why_ += fmt::format("{}{} ({})", why_.empty() ? "" : ", ", key, last_error());
    }
    NUBO_CHECK(waiter_.wait({}, Milliseconds::zero()));
    return fail(Code::internal, "{} does not let {} in with {}", state_.node, settings_.user,
                why_.empty() ? "the agent's keys; none of the key files can be read" : why_);
  }

 private:
  bool by_agent() {
    if (std::getenv("SSH_AUTH_SOCK") == nullptr) return false;  // NOLINT(concurrency-mt-unsafe)
    const std::unique_ptr<LIBSSH2_AGENT, FreeAgent> agent(
        ::libssh2_agent_init(state_.session.get()));
    if (::libssh2_agent_connect(agent.get()) != 0) return false;
    if (::libssh2_agent_list_identities(agent.get()) != 0) return false;
    libssh2_agent_publickey* key = nullptr;
    while (::libssh2_agent_get_identity(agent.get(), &key, key) == 0) {
      const auto offer = [this, &agent, key] {
        return ::libssh2_agent_userauth(agent.get(), settings_.user.c_str(), key);
      };
      if (state_.drive(waiter_, "log in to", offer)) return true;
    }
    return false;
  }

  Status by_file(const std::string& key) {
    return state_.drive(waiter_, "log in to", [this, &key] {
      return ::libssh2_userauth_publickey_fromfile_ex(state_.session.get(), settings_.user.data(),
                                                      static_cast<unsigned>(settings_.user.size()),
                                                      nullptr, key.c_str(), nullptr);
    });
  }

  std::string last_error() const {
    char* text = nullptr;
    ::libssh2_session_last_error(state_.session.get(), &text, nullptr, 0);
    return text;
  }

  Session::State& state_;
  const Settings& settings_;
  Waiter& waiter_;
  std::string why_;
};

Status set_up(Session::State& state, const Settings& settings, Waiter& waiter) {
  static const int library = ::libssh2_init(0);
  if (library != 0) return fail(Code::internal, "libssh2 cannot start: {}", library);
  state.session.reset(::libssh2_session_init());
  if (!state.session) return fail(Code::internal, "no memory for a session to {}", state.node);
  ::libssh2_session_set_blocking(state.session.get(), 0);
  const HostKeys host_keys(state.session.get(), settings);
  NUBO_TRY(const std::string types, host_keys.known_types(state.node));
  ::libssh2_session_method_pref(state.session.get(), LIBSSH2_METHOD_HOSTKEY, types.c_str());

  auto socket = connect_to(state.node, settings.port, waiter);
  if (!socket)
    return fail(Code::internal, "cannot connect to {} port {}: {}", state.node, settings.port,
                socket.error().message);
  state.socket = std::move(*socket);
  NUBO_CHECK(state.drive(waiter, "exchange keys with", [&state] {
    return ::libssh2_session_handshake(state.session.get(), state.socket.get());
  }));
  NUBO_CHECK(host_keys.check(state.node));
  return Login(state, settings, waiter).run();
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const std::string& node, const Settings& settings,
                                               const driver::Context& context) {
  auto state = std::make_unique<State>();
  state->node = node;
  const driver::Context limited = at_most(settings.connect_limit, context);
  Waiter waiter(limited);
  NUBO_CHECK(set_up(*state, settings, waiter));
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

Status Session::prepare(const driver::Context& context) {
  const driver::Context limited = at_most(channel_limit, context);
  Waiter waiter(limited);
  return state_->drive(waiter, "open a channel to", [this] {
    state_->channel.reset(::libssh2_channel_open_session(state_->session.get()));
    return state_->channel ? 0 : ::libssh2_session_last_errno(state_->session.get());
  });
}

}  // namespace nubo::ssh
