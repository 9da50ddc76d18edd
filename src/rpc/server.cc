// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

#include "base/log.h"
#include "rpc/codec.h"
#include "rpc/system_methods.h"
#include "rpc/workers.h"

namespace nubo::rpc {

struct Server::Core : std::enable_shared_from_this<Core> {
  Core(const Clock& time, const Settings& settings, api::Service offered)
      : clock(time),
        longest_wait(settings.longest_wait),
        service(std::move(offered)),
        system(
            service.methods,
            [this](api::Request request, Answered answered) {
              dispatch(std::move(request), std::move(answered));
            },
            [this](Workers::Job job) { workers.push(std::move(job)); }),
        workers(settings.workers, settings.longest_queue) {}

  HttpHandler handler();
  bool take(HttpRequest request, Respond respond);
  bool take_decoded(const HttpRequest& request, const Respond& respond);
  bool offer(Respond respond, std::function<void(const Respond&)> work);
  void handle(const HttpRequest& request, const Respond& respond);
  void handle(api::Request request, const Respond& respond);
  void dispatch(api::Request request, Answered answered);

  const Clock& clock;
  const std::chrono::seconds longest_wait;
  const api::Service service;
  const SystemMethods system;
  Workers workers;  // last: its threads use the others
};

namespace {

// A call of this size is decoded in less time than it takes to hand it over.
constexpr std::size_t short_call = 16 * 1024;

/// Takes the one reply of a handler. Destroyed without one, it answers with a fault.
class Pending {
 public:
  explicit Pending(Answered answered) : answered_(std::move(answered)) {}

  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  ~Pending() { reply(api::Fault{api::FaultCode::internal, "The call ended without an answer"}); }

  void reply(api::Reply reply) {
    if (!is_answered_.exchange(true)) answered_(answer_of(std::move(reply)));
  }

 private:
  const Answered answered_;
  std::atomic<bool> is_answered_ = false;
};

bool is_short(const api::Value& value) {
  if (const auto* values = value.as<api::Array>()) {
    return values->size() < 8 && std::ranges::all_of(*values, is_short);
  }
  if (const auto* text = value.as<api::Text>()) return !text->is_longer_than(short_call);
  const auto* text = value.as<std::string>();
  return text ? text->size() <= short_call : !value.as<api::Struct>();
}

/// Whether it is encoded in less time than it takes to hand it over.
bool is_short(const Answer& answer) {
  const auto* value = std::get_if<api::Value>(&answer);
  return !value || is_short(*value);
}

HttpAnswer http_answer(Answer answer) {
  const auto document = std::make_shared<Document>(std::move(answer));
  HttpAnswer made{.first = document->next(), .size = document->size()};
  if (made.first.size() == made.size) return made;
  made.kept_bytes = document->kept_bytes();
  made.next = [document] { return document->next(); };
  return made;
}

}  // namespace

HttpHandler Server::Core::handler() {
  return {.take =
              [weak = weak_from_this()](HttpRequest request, Respond respond) {
                const auto core = weak.lock();
                return core && core->take(std::move(request), std::move(respond));
              },
          .work =
              [weak = weak_from_this()](Workers::Job job) {
                if (const auto core = weak.lock()) core->workers.push(std::move(job));
              }};
}

bool Server::Core::take(HttpRequest request, Respond respond) {
  if (request.body.size() <= short_call) return take_decoded(request, respond);
  return offer(std::move(respond),
               [this, request = std::move(request)](const Respond& to) { handle(request, to); });
}

/// A quick call is carried out here and now: two threads fewer have to be woken for it.
bool Server::Core::take_decoded(const HttpRequest& request, const Respond& respond) {
  auto call = decode_call(request.body);
  if (!call) {
    respond(http_answer(call.error()));
    return true;
  }
  api::Request decoded{std::move(call->method), std::move(call->params), request.peer};
  if (!SystemMethods::is_system(decoded.method) && service.is_quick(decoded)) {
    handle(std::move(decoded), respond);
    return true;
  }
  return offer(respond,
               [this, decoded = std::move(decoded)](const Respond& to) { handle(decoded, to); });
}

bool Server::Core::offer(Respond respond, std::function<void(const Respond&)> work) {
  return workers.offer(
      [this, respond = std::move(respond), work = std::move(work), taken = clock.steady()] {
        if (clock.steady() - taken > longest_wait) return respond({.is_busy = true});
        work(respond);
      });
}

void Server::Core::handle(const HttpRequest& request, const Respond& respond) {
  auto call = decode_call(request.body);
  if (!call) return respond(http_answer(call.error()));
  handle({std::move(call->method), std::move(call->params), request.peer}, respond);
}

void Server::Core::handle(api::Request request, const Respond& respond) {
  dispatch(std::move(request), [weak = weak_from_this(), respond](Answer answer) {
    if (is_short(answer)) return respond(http_answer(std::move(answer)));
    const auto core = weak.lock();
    if (!core) return;
    auto shared = std::make_shared<Answer>(std::move(answer));
    core->workers.run_or_push([respond, shared] { respond(http_answer(std::move(*shared))); });
  });
}

void Server::Core::dispatch(api::Request request, Answered answered) {
  if (SystemMethods::is_system(request.method)) return system.handle(request, answered);
  const auto pending = std::make_shared<Pending>(std::move(answered));
  try {
    service.handle(std::move(request),
                   [pending](api::Reply reply) { pending->reply(std::move(reply)); });
  } catch (const std::exception& error) {
    log_error("rpc", "the handler threw: {}", error.what());
    pending->reply(api::Fault{api::FaultCode::internal, "The call ended without an answer"});
  }
}

Server::Server(boost::asio::io_context& io, const Clock& clock, Settings settings,
               api::Service service)
    : settings_(std::move(settings)),
      core_(std::make_shared<Core>(clock, settings_, std::move(service))),
      http_(io, clock, settings_.http, core_->handler()) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

Status Server::listen() { return http_.listen(settings_.address, settings_.port); }

std::uint16_t Server::port() const { return http_.port(); }

void Server::stop(std::chrono::milliseconds grace) {
  http_.stop(grace);
  core_->workers.stop();
}

}  // namespace nubo::rpc
