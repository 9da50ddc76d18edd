// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

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
  void handle(const HttpRequest& request, const Respond& respond);
  void dispatch(api::Request request, Answered answered);

  const Clock& clock;
  const std::chrono::seconds longest_wait;
  const api::Service service;
  const SystemMethods system;
  Workers workers;  // last: its threads use the others
};

namespace {

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
  return workers.offer(
      [this, request = std::move(request), respond = std::move(respond), taken = clock.steady()] {
        if (clock.steady() - taken > longest_wait) return respond({.is_busy = true});
        handle(request, respond);
      });
}

void Server::Core::handle(const HttpRequest& request, const Respond& respond) {
  auto call = decode_call(request.body);
  if (!call) return respond(http_answer(call.error()));
  api::Request decoded{std::move(call->method), std::move(call->params), request.peer};
  dispatch(std::move(decoded), [weak = weak_from_this(), respond](Answer answer) {
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
      http_(io, clock, settings_.http, core_->handler()) {
  limit_documents(settings_.http.body_bytes);
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

Status Server::listen() { return http_.listen(settings_.address, settings_.port); }

std::uint16_t Server::port() const { return http_.port(); }

void Server::stop(std::chrono::milliseconds grace) {
  http_.stop(grace);
  core_->workers.stop();
}

}  // namespace nubo::rpc
