// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/libvirt_connection.h"

#include <libvirt/virterror.h>

#include <thread>

#include "base/log.h"
#include "vmm_kvm/libvirt_handles.h"

namespace nubo::kvm {
namespace {

constexpr std::size_t most_idle = 2;  // each is an ssh process

// Every user of libvirt's errors asks for them; printing them too would only double them.
void ignore_error(void*, virErrorPtr) {}

void event_loop() {
  while (virEventRunDefaultImpl() >= 0) continue;
  log_error("kvm", "{}", libvirt_failure("libvirt's event loop ended").value().message);
  std::abort();
}

int on_domain_event(virConnectPtr, virDomainPtr domain, int event, int detail, void* opaque) {
  const auto link = static_cast<std::weak_ptr<NodeLink>*>(opaque)->lock();
  if (!link) return 0;
  char uuid[VIR_UUID_STRING_BUFLEN] = {};
  virDomainGetUUIDString(domain, uuid);
  link->tell({virDomainGetName(domain), uuid, event, detail});
  return 0;
}

void free_link(void* opaque) { delete static_cast<std::weak_ptr<NodeLink>*>(opaque); }

}  // namespace

Status start_libvirt() {
  virSetErrorFunc(nullptr, ignore_error);
  if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) {
    return libvirt_failure("cannot start libvirt's library");
  }
  std::thread(event_loop).detach();
  return ok();
}

// Callbacks hold the handle: they must go first.
Connection::~Connection() {
  if (events_ >= 0) virConnectDomainEventDeregisterAny(handle_, events_);
  virConnectClose(handle_);
}

Status Connection::watch(std::weak_ptr<NodeLink> link) {
  auto* opaque = new std::weak_ptr<NodeLink>(std::move(link));
  events_ = virConnectDomainEventRegisterAny(handle_, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                             VIR_DOMAIN_EVENT_CALLBACK(on_domain_event), opaque,
                                             free_link);
  if (events_ >= 0) return ok();
  free_link(opaque);
  return libvirt_failure("cannot listen to libvirt's events");
}

void CloseAside::operator()(Connection* connection) const {
  std::thread([connection] { delete connection; }).detach();
}

Result<NodeLink::Owned> NodeLink::open() {
  const virConnectPtr handle = virConnectOpen(place_.uri.c_str());
  if (handle == nullptr) return libvirt_failure("cannot reach libvirt on " + place_.node);
  return Owned(new Connection(handle));
}

// One attempt at a time: one that hangs in a frozen node ends when the node is healed or kvm_ssh
// gives it up, and only then another one makes sense.
void NodeLink::open_in_background() {
  is_opening_ = true;
  std::thread([self = shared_from_this()] {
    Result<Owned> opened = self->open();
    const std::lock_guard lock(self->mutex_);
    self->is_opening_ = false;
    if (opened) {
      self->idle_.push_back(std::move(*opened));
    } else {
      self->last_failure_ = opened.error();
      ++self->failures_;
    }
    self->changed_.notify_all();
  }).detach();
}

NodeLink::Owned NodeLink::take_idle() {
  while (!idle_.empty()) {
    Owned last = std::move(idle_.back());
    idle_.pop_back();
    if (last->is_alive()) return last;
  }
  return nullptr;
}

std::shared_ptr<Connection> NodeLink::lend(Owned connection) {
  return {connection.release(),
          [self = shared_from_this()](Connection* back) { self->give_back(Owned(back)); }};
}

void NodeLink::give_back(Owned connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() >= most_idle || connection->is_watched() || !connection->is_alive()) return;
  idle_.push_back(std::move(connection));
  changed_.notify_all();
}

Result<std::shared_ptr<Connection>> NodeLink::borrow(const driver::Context& context) {
  std::unique_lock lock(mutex_);
  const unsigned failures_before = failures_;
  while (true) {
    if (Owned idle = take_idle()) return lend(std::move(idle));
    if (failures_ != failures_before) return Failure(last_failure_);
    if (!is_opening_) open_in_background();
    const auto has_news = [&] {
      return !idle_.empty() || failures_ != failures_before || !is_opening_;
    };
    if (!wait_in(context, changed_, lock, has_news)) {
      return fail(Code::internal, "libvirt on {}: {}", place_.node, why_given_up(context));
    }
  }
}

void NodeLink::listen(Listener listener) {
  const bool is_end = !listener;
  {
    const std::lock_guard lock(listener_mutex_);
    listener_ = std::move(listener);
  }
  if (!is_end) return;
  watched_.reset();
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

Status NodeLink::watch(const driver::Context& context) {
  if (watched_ && watched_->is_alive()) return ok();
  watched_.reset();
  NUBO_TRY(std::shared_ptr<Connection> open, borrow(context));
  NUBO_CHECK(bounded_call<void>(context, "libvirt on " + place_.node,
                                [open, link = weak_from_this()] { return open->watch(link); }));
  watched_ = std::move(open);
  return ok();
}

void NodeLink::tell(const DomainEvent& event) {
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_(event);
}

}  // namespace nubo::kvm
