// SPDX-License-Identifier: Apache-2.0
// Session: one connection: request, answer, request … It waits until the socket is ready and moves
// the bytes itself, so one that is idle keeps no buffer. Owned by HttpCore::sessions and by what is
// under way; on the io thread only.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rpc/http_core.h"

namespace nubo::rpc {

struct HeadParser;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<HttpCore> core, tcp::socket socket);
  ~Session();

  void start();
  /// Says that there are too many connections.
  void refuse();
  /// Closes when no request is being answered, else afterwards.
  void finish();
  void close();
  /// Whether it takes longer than it may; expire() ends that.
  bool is_due(SteadyTime now) const;
  void expire();

  /// When it began to wait for the head of a request.
  SteadyTime waits_since() const { return began_; }

  void answer(HttpAnswer answer);

 private:
  enum class Phase { fresh, idle, head, body, answering, writing, lingering, closed };

  void enter(Phase phase);
  void await_request();
  void await_bytes();
  void read_bytes();
  void take_head(std::string_view bytes);
  void head_read(std::string_view rest);
  bool refuse_request();
  void take_body(std::string_view bytes);
  void refuse_head(error_code error);
  void hand_over();
  void closes_after_answer();
  void send_error(int status, std::string_view text);
  void send_busy();
  void send(int status, std::string_view type, HttpAnswer answer);
  void write();
  bool write_ready();
  void ask_for_piece();
  void piece_ready(std::string piece);
  void sent();
  void progress(std::size_t bytes);
  void release();

  const std::shared_ptr<HttpCore> core_;
  tcp::socket socket_;
  Phase phase_ = Phase::fresh;
  std::list<Session*>::iterator place_;  // in HttpCore::waiting, while idle or head
  SteadyTime began_{};                   // the phase, or the transfer
  SteadyTime deadline_{};
  bool keeps_alive_ = true;
  bool client_closes_ = false;  // it said so, and sends no more
  std::size_t requests_ = 0;
  std::optional<api::Peer> peer_;

  // The request being read:
  std::string received_;  // of the head, or of what follows the request
  std::unique_ptr<HeadParser> parser_;
  std::size_t length_ = 0;
  std::string body_;
  std::size_t charged_body_ = 0;  // of HttpCore::bodies_bytes

  // The answer being written:
  std::string head_;
  std::string piece_;
  std::size_t written_ = 0;  // of both
  std::size_t written_before_ = 0;
  std::size_t to_come_ = 0;  // bytes of pieces that are not made yet
  std::function<std::string()> next_;
  std::optional<std::string> ahead_;
  bool is_starved_ = false;         // all is written and the next piece is not there
  std::size_t charged_answer_ = 0;  // of HttpCore::answers_bytes
};

}  // namespace nubo::rpc
