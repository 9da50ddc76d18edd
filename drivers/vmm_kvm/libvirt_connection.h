// SPDX-License-Identifier: Apache-2.0
// NodeLink: the kept-open libvirt connections of one node. A call borrows one for itself; they are
// opened when needed and opened again when they broke. One more gives libvirt's domain events to
// whoever listens. No call waits longer than its request, whatever the node does. Any thread; made
// by std::make_shared.
//
// A connection is never used by two threads, nor kept alive by libvirt's own means: libvirt before
// 10.4 (Debian 12 has 9.0) then writes to a stack that is gone (CVE-2024-4418). kvm_ssh notices a
// node that is away, the requests' deadlines one whose libvirtd hangs.
#pragma once

#include <libvirt/libvirt.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "nubo/driver/context.h"
#include "vmm_kvm/bounded_call.h"

namespace nubo::kvm {

/// Once, before the first connection: libvirt's library and the thread that feeds its events.
Status start_libvirt();

/// A domain changed: what libvirt calls it, and its event numbers (virDomainEventType and detail).
struct DomainEvent {
  std::string name;
  std::string uuid;
  int event = 0;
  int detail = 0;
};

class NodeLink;

/// One open connection. One thread at a time.
class Connection {
 public:
  explicit Connection(virConnectPtr handle) : handle_(handle) {}

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  virConnectPtr get() const { return handle_; }

  bool is_alive() const { return virConnectIsAlive(handle_) == 1; }

  bool is_watched() const { return events_ >= 0; }

  /// From now on `link` is told of the domains' events.
  Status watch(std::weak_ptr<NodeLink> link);

 private:
  virConnectPtr handle_;
  int events_ = -1;  // callback id
};

/// Closing says goodbye to the node and may wait for it: not on the thread that lets go.
struct CloseAside {
  void operator()(Connection* connection) const;
};

class NodeLink : public std::enable_shared_from_this<NodeLink> {
 public:
  /// Called on libvirt's event thread: must not wait nor call libvirt.
  using Listener = std::function<void(const DomainEvent&)>;

  struct Place {
    std::string node;
    std::string uri;
  };

  explicit NodeLink(Place place) : place_(std::move(place)) {}

  /// An open connection; it goes back when the last copy of the pointer ends. Code::internal naming
  /// the node when there is none in time.
  Result<std::shared_ptr<Connection>> borrow(const driver::Context& context);

  /// Runs `work` with a connection, off this thread (see bounded_call). When the connection broke
  /// under it, `work` runs once more on another one: it must be repeatable.
  template <class T>
  Result<T> call(const driver::Context& context, std::function<Result<T>(virConnectPtr)> work) {
    for (bool is_second = false;; is_second = true) {
      NUBO_TRY(const std::shared_ptr<Connection> open, borrow(context));
      Result<T> result = bounded_call<T>(context, "libvirt on " + place_.node,
                                         [open, work] { return work(open->get()); });
      // What goes on alone keeps the connection: it is not ours to look at.
      if (result || is_second || context.cancelled() || open->is_alive()) return result;
    }
  }

  /// Replaces the listener. An empty one ends listening: the old one is not called any more then,
  /// and connections that nobody uses are closed.
  void listen(Listener listener);
  /// Sees to it that the listener is told of events. One thread at a time.
  Status watch(const driver::Context& context);
  void tell(const DomainEvent& event);

 private:
  using Owned = std::unique_ptr<Connection, CloseAside>;

  Result<Owned> open();
  void open_in_background();
  Owned take_idle();
  std::shared_ptr<Connection> lend(Owned connection);
  void give_back(Owned connection);

  const Place place_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Owned> idle_;
  bool is_opening_ = false;
  unsigned failures_ = 0;
  Error last_failure_;
  std::shared_ptr<Connection> watched_;

  std::mutex listener_mutex_;  // held while the listener is called
  Listener listener_;
};

}  // namespace nubo::kvm
