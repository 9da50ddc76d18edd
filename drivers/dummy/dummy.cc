// SPDX-License-Identifier: Apache-2.0
#include "dummy.h"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "base/numbers.h"
#include "text/xml_reader.h"

namespace nubo::dummy {

namespace {

using driver::Context;
using driver::Lane;
using driver::Request;

std::string value_of(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

// Waits so long, or without end; false when it was stopped before.
bool wait(Milliseconds delay, bool without_end, const Context& context) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  const auto not_yet = [] { return false; };
  if (without_end) {
    never.wait(lock, context.stop_token(), not_yet);
  } else if (delay.count() > 0) {
    never.wait_for(lock, context.stop_token(), delay, not_yet);
  }
  return !context.stop_token().stop_requested();
}

}  // namespace

Dummy::Dummy(driver::Program& program) {
  struct Row {
    const char* name;
    Action action;
    Lane lane = Lane::work;
  };

  constexpr Row rows[] = {
      {"deploy", &Dummy::deploy},
      {"restore", &Dummy::deploy},
      {"shutdown", &Dummy::leave},
      {"cancel", &Dummy::leave, Lane::quick},
      {"reboot", &Dummy::touch},
      {"reset", &Dummy::touch, Lane::quick},
      {"save", &Dummy::save},
      {"migrate", &Dummy::migrate},
      {"probe", &Dummy::probe, Lane::quick},
      {"start_monitor", &Dummy::start_monitor, Lane::quick},
      {"stop_monitor", &Dummy::stop_monitor, Lane::quick},
      {"run", &Dummy::nothing},
      {"cp", &Dummy::copy_image},
      {"mkfs", &Dummy::make_image},
      {"clone", &Dummy::clone_image},
      {"rm", &Dummy::nothing},
      {"snap_delete", &Dummy::nothing},
      {"snap_revert", &Dummy::nothing},
      {"snap_flatten", &Dummy::nothing},
      {"stat", &Dummy::stat_image, Lane::quick},
      {"monitor", &Dummy::datastore_sizes, Lane::quick},
      {"attach_disk", &Dummy::touch},
      {"detach_disk", &Dummy::touch},
      {"resize_disk", &Dummy::touch},
      {"attach_nic", &Dummy::touch},
      {"detach_nic", &Dummy::touch},
      {"update_nic", &Dummy::touch},
      {"reconfigure", &Dummy::touch},
      {"resize", &Dummy::touch},
      {"exec", &Dummy::touch},
      {"exec_cancel", &Dummy::touch},
      {"snapshot_create", &Dummy::make_snapshot},
      {"snapshot_revert", &Dummy::touch},
      {"snapshot_delete", &Dummy::touch},
      {"disk_snapshot_create", &Dummy::touch},
      {"update_rules", &Dummy::nothing},
      {"pre", &Dummy::nothing},
      {"post", &Dummy::nothing},
      {"clean", &Dummy::nothing},
  };
  for (const Row& row : rows)
    program.on(
        row.name,
        [this, action = row.action](const Request& request, Context& context) {
          return answer(request, context, action);
        },
        row.lane);
  program.on_configure([this, emit = program.emitter()](const Values& settings) -> Status {
    settings_ = settings;
    control_ = std::make_unique<Control>(value_of(settings, "CONTROL"));
    monitor_ = std::make_unique<Monitor>(world_, *control_, emit);
    NUBO_CHECK(world_.open(value_of(settings, "WORLD")));
    monitor_->run(settings);
    return ok();
  });
}

// The object first, then its node, then everything of the kind; the control file before the rest.
std::vector<Values> Dummy::layers_for(const Request& request, const ControlLines& control) {
  std::vector<Values> layers;
  const std::string& kind = request.object.kind;
  for (const std::string& object : {fmt::format("{} {}", kind, request.object.id),
                                    "node " + request.node, kind + " *", std::string("node *")})
    if (const auto found = control.find(object); found != control.end())
      layers.push_back(found->second);
  for (const char* document : {"vm", "image", "host", "datastore"})
    layers.push_back(orders_of_document(value_of(request.args, document)));
  if (const auto guest = kind == "vm" ? world_.find(request.object.id) : std::nullopt)
    layers.push_back(guest->orders);
  layers.push_back(settings_);
  return layers;
}

bool Dummy::fails_this_time(const Request& request, const Order& order) {
  if (!order.failure || !order.failure_times) return order.failure.has_value();
  const std::string key =
      fmt::format("{} {} {}", request.object.kind, request.object.id, request.action);
  return failures_.with(
      [&key, &order](auto& failures) { return failures[key]++ < *order.failure_times; });
}

Result<Values> Dummy::answer(const Request& request, Context& context, Action action) {
  const auto control = control_->lines();
  const Order order = order_for(request.action, layers_for(request, *control));
  if (order.die) std::_Exit(9);
  if (!wait(order.delay, order.hang, context))
    return fail(Code::internal, "{} was stopped", request.action);
  if (is_down(*control, request.node)) return fail(Code::internal, "cannot reach {}", request.node);
  if (fails_this_time(request, order)) return fail(Code::internal, "{}", *order.failure);
  NUBO_TRY(Values values, (this->*action)(request));
  for (const auto& [name, value] : order.answer) values.insert_or_assign(name, value);
  return values;
}

Result<Values> Dummy::deploy(const Request& request) {
  const std::string text = value_of(request.args, "vm");
  NUBO_TRY(const XmlDocument document, XmlDocument::parse(text));
  const XmlNode vm = document.root();
  Guest guest{.vm = parse_number<int>(vm.get("ID")).value_or(request.object.id),
              .node = request.node,
              .deploy_id = fmt::format("{}:{}:dummy", request.node, vm.get("NAME"))};
  guest.cpu = vm.child("TEMPLATE").get("CPU");
  guest.memory_mb = vm.child("TEMPLATE").get("MEMORY");
  guest.orders = orders_of_document(text);
  std::string deploy_id = guest.deploy_id;
  world_.put(std::move(guest));
  return Values{{"deploy_id", std::move(deploy_id)}};
}

Result<Guest> Dummy::guest_of(const Request& request) {
  const auto vm = parse_number<int>(value_of(request.args, "vm_id"));
  auto guest = world_.find(vm.value_or(request.object.id));
  if (guest && guest->node == request.node) return std::move(*guest);
  return fail(Code::action, "{}: no guest {} on {}", request.action,
              value_of(request.args, "deploy_id"), request.node);
}

// A guest that is gone already has done what was asked.
Result<Values> Dummy::leave(const Request& request) {
  if (const auto guest = guest_of(request)) world_.remove(guest->vm);
  return Values{};
}

Result<Values> Dummy::touch(const Request& request) {
  NUBO_CHECK(guest_of(request));
  return Values{};
}

Result<Values> Dummy::make_snapshot(const Request& request) {
  NUBO_CHECK(guest_of(request));
  return Values{{"hypervisor_id", "dummy-snap"}};
}

Result<Values> Dummy::save(const Request& request) {
  NUBO_TRY(const Guest guest, guest_of(request));
  world_.remove(guest.vm);
  return Values{};
}

// Asked again after it was done, the guest is at its target: that is a success, too.
Result<Values> Dummy::migrate(const Request& request) {
  Request there = request;
  there.node = value_of(request.args, "target");
  if (guest_of(there)) return Values{};
  NUBO_TRY(Guest guest, guest_of(request));
  guest.node = there.node;
  world_.put(std::move(guest));
  return Values{};
}

// Of a guest, or of paths when asked as a transfer driver: none of them is ever missing.
Result<Values> Dummy::probe(const Request& request) {
  if (const auto paths = request.args.find("paths"); paths != request.args.end())
    return Values{{"present", paths->second}};
  const auto guest = guest_of(request);
  if (!guest) return Values{{"state", "absent"}};
  return Values{{"state", guest->state}, {"deploy_id", guest->deploy_id}};
}

Result<Values> Dummy::start_monitor(const Request& request) {
  const int period = parse_number<int>(value_of(request.args, "period_s")).value_or(0);
  if (period < 1) return fail(Code::internal, "start_monitor: period_s is not a number from 1");
  monitor_->start(request.node, value_of(request.args, "host_id"), std::chrono::seconds(period));
  return Values{};
}

Result<Values> Dummy::stop_monitor(const Request& request) {
  monitor_->stop(request.node);
  return Values{};
}

Result<Values> Dummy::nothing(const Request&) { return Values{}; }

Result<Values> Dummy::copy_image(const Request&) {
  return Values{{"source", "dummy_path"}, {"format", "dummy_format"}};
}

Result<Values> Dummy::make_image(const Request& request) {
  NUBO_TRY(const XmlDocument document, XmlDocument::parse(value_of(request.args, "image")));
  const std::string format = document.root().get("FORMAT");
  return Values{{"source", "dummy_path"}, {"format", format.empty() ? "raw" : format}};
}

Result<Values> Dummy::clone_image(const Request&) { return Values{{"source", "dummy_path"}}; }

Result<Values> Dummy::stat_image(const Request&) { return Values{{"size_mb", "1024"}}; }

Result<Values> Dummy::datastore_sizes(const Request&) {
  return Values{{"used_mb", "9720"}, {"total_mb", "20480"}, {"free_mb", "20480"}};
}

}  // namespace nubo::dummy
