// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/actions.h"

#include <algorithm>
#include <array>
#include <thread>

#include "base/log.h"
#include "base/numbers.h"
#include "ssh/quote.h"
#include "vmm_kvm/arrivals.h"
#include "vmm_kvm/libvirt_xml.h"
#include "vmm_kvm/vm_request.h"

namespace nubo::kvm {
namespace {

constexpr Milliseconds poll_interval{300};
constexpr Milliseconds ask_again{10'000};    // a guest that boots does not hear the power button
constexpr Milliseconds end_reserve{10'000};  // kept for ending a guest that does not shut down
constexpr Milliseconds aside_limit{20'000};

Failure out_of_time(const DomainId& id, std::string_view what) {
  return fail(Code::action, "{}: {}", id.title(), what);
}

// A call whose result nobody waits for.
void call_aside(const std::shared_ptr<NodeLink>& link, std::function<void(virConnectPtr)> work) {
  std::thread([link, work = std::move(work)] {
    const SystemClock clock;
    const Context own({.deadline = clock.steady() + aside_limit}, clock);
    const Status done = link->call<void>(own, [work](virConnectPtr connection) {
      work(connection);
      return ok();
    });
    if (!done) log_debug("kvm", "{}", done.error().message);
  }).detach();
}

// A save or a migration that nobody waits for any more is ended, so that it does not happen behind
// the back of whoever was told that it failed.
void abort_if_cancelled(const std::shared_ptr<NodeLink>& link, const DomainId& id,
                        const Context& context) {
  if (!context.cancelled()) return;
  call_aside(link, [id](virConnectPtr connection) { abort_job(connection, id); });
}

// A guest without an agent that answers keeps its clock.
void sync_clock(const std::shared_ptr<NodeLink>& link, const DomainId& id) {
  call_aside(link, [id](virConnectPtr connection) { sync_guest_clock(connection, id); });
}

}  // namespace

Result<std::string> Actions::deployment_file(const Request& request, const DomainId& id,
                                             Context& context) {
  NUBO_TRY(const XmlDocument vm, document(request, "vm"));
  NUBO_TRY(const XmlDocument host, document(request, "host"));
  NUBO_TRY(const XmlDocument cluster, document(request, "cluster"));
  NUBO_TRY(const XmlDocument datastore, document(request, "datastore"));
  const std::string system_dir = argument(request, "system_dir");
  NUBO_TRY(const DomainXml made, domain_xml({.vm = vm.root(),
                                             .host = host.root(),
                                             .cluster = cluster.root(),
                                             .datastore = datastore.root(),
                                             .defaults = parts_.settings.defaults,
                                             .system_dir = system_dir,
                                             .hypervisor = parts_.settings.hypervisor,
                                             .version = parts_.settings.version,
                                             .now = parts_.clock.now()}));
  for (const std::string& warning : made.warnings) context.progress(warning);
  const std::vector<XmlNode> history = vm.root().child("HISTORY_RECORDS").children("HISTORY");
  const std::string sequence = history.empty() ? "0" : history.back().get("SEQ");
  const std::string path = fmt::format("{}/deployment.{}", system_dir, sequence);
  NUBO_CHECK(parts_.nodes.write_file({id.node, path}, made.text, context));
  return made.text;
}

Result<Values> Actions::deploy(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const std::string xml, deployment_file(request, id, context));
  NUBO_TRY(const std::string uuid,
           parts_.links.of(id.node)->call<std::string>(
               context, [id, xml](virConnectPtr c) { return create_domain(c, id, xml); }));
  parts_.arrivals.note(id.node);
  return Values{{"deploy_id", uuid}};
}

Result<bool> Actions::destroy(const std::string& node, const DomainId& id, const Context& context) {
  while (true) {
    NUBO_TRY(const bool is_there, parts_.links.of(node)->call<bool>(context, [id](virConnectPtr c) {
      return destroy_domain(c, id);
    }));
    if (!is_there) return true;
    if (!rest(context, poll_interval)) return false;
  }
}

Result<Values> Actions::shutdown(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  const auto link = parts_.links.of(id.node);
  const auto ask = [id](virConnectPtr c) { return request_shutdown(c, id); };
  NUBO_TRY(bool is_there, link->call<bool>(context, ask));
  const Milliseconds patience = std::min(
      parts_.settings.shutdown_timeout, std::max(context.left() - end_reserve, context.left() / 2));
  const SteadyTime start = parts_.clock.steady();
  SteadyTime asked = start;
  while (is_there && parts_.clock.steady() - start < patience) {
    if (!rest(context, poll_interval)) break;
    const bool again = parts_.clock.steady() - asked > ask_again;
    if (again) asked = parts_.clock.steady();
    NUBO_TRY(is_there, link->call<bool>(context, [id, again](virConnectPtr c) {
      return again ? request_shutdown(c, id) : is_running(c, id);
    }));
  }
  if (!is_there) return Values{};
  if (!parts_.settings.force_destroy || context.cancelled()) {
    return out_of_time(id, "the guest did not shut down in time");
  }
  context.progress("the guest did not shut down in time: ending it");
  NUBO_TRY(const bool is_gone, destroy(id.node, id, context));
  if (!is_gone) return out_of_time(id, "the guest could not be ended in time");
  return Values{};
}

Result<Values> Actions::cancel(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const bool is_gone, destroy(id.node, id, context));
  if (!is_gone) return out_of_time(id, "the guest could not be ended in time");
  return Values{};
}

Result<Values> Actions::reboot(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id](virConnectPtr c) { return reboot_domain(c, id); }));
  return Values{};
}

Result<Values> Actions::reset(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id](virConnectPtr c) { return reset_domain(c, id); }));
  return Values{};
}

// Whether the guest is there. What an oned that was killed has asked for may still be under way in
// libvirt: it is left to end first.
Result<bool> Actions::settled(const DomainId& id, const Context& context) {
  while (true) {
    NUBO_TRY(const Presence presence,
             parts_.links.of(id.node)->call<Presence>(
                 context, [id](virConnectPtr c) { return presence_of(c, id); }));
    if (presence != Presence::in_transit) return presence == Presence::there;
    if (!rest(context, poll_interval)) return out_of_time(id, "another action did not end in time");
  }
}

// libvirt keeps the owner of a file that is there, and would make a new one that only root can
// read: the transfer driver could not move it. A whole checkpoint is void once the guest runs; one
// that is being written is not touched (libvirt's mark of a whole one is written last).
Status Actions::prepare_checkpoint(const DomainId& id, const std::string& checkpoint,
                                   const Context& context) {
  const std::string script = fmt::format(
      "umask 077; file={}; mkdir -p -- \"$(dirname -- \"$file\")\"\n"
      "[ \"$(head -c 16 -- \"$file\" 2>/dev/null)\" != LibvirtQemudSave ] || rm -f -- \"$file\"\n"
      ": >>\"$file\"",
      ssh::quote(checkpoint));
  NUBO_CHECK(parts_.nodes.output(id.node, {.script = script}, context));
  return ok();
}

Result<Values> Actions::save(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  const std::string checkpoint = argument(request, "checkpoint");
  const auto link = parts_.links.of(id.node);
  NUBO_TRY(const bool is_there, settled(id, context));
  if (is_there) NUBO_CHECK(prepare_checkpoint(id, checkpoint, context));
  const Status saved = link->call<void>(
      context, [id, checkpoint](virConnectPtr c) { return save_domain(c, id, checkpoint); });
  if (saved) return Values{};
  abort_if_cancelled(link, id, context);
  return Failure(saved.error());
}

Result<Values> Actions::restore(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  const Restore restore{argument(request, "checkpoint"), argument(request, "system_dir")};
  NUBO_CHECK(settled(id, context));
  NUBO_TRY(const std::string uuid,
           parts_.links.of(id.node)->call<std::string>(
               context, [id, restore](virConnectPtr c) { return restore_domain(c, id, restore); }));
  parts_.arrivals.note(id.node);
  const auto removed = parts_.nodes.output(
      id.node, {.script = ssh::command_line({"rm", "-f", "--", restore.checkpoint})}, context);
  if (!removed) context.progress("the checkpoint is left behind: " + removed.error().message);
  sync_clock(parts_.links.of(id.node), id);
  return Values{{"deploy_id", uuid}};
}

Result<Values> Actions::migrate(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const XmlDocument vm, document(request, "vm"));
  const Template attributes = read_attributes(vm.root().child("TEMPLATE"));
  const Vector none;
  const Vector* features = attributes.vector("FEATURES");
  if (features == nullptr) features = &none;
  const std::string target = argument(request, "target");
  const Migration migration{.target = target,
                            .uri = migrate_uri_of(parts_.settings, target),
                            .auto_converge = features->yes("MIGRATE_AUTO_CONVERGE"),
                            .compressed = features->yes("MIGRATE_COMPRESSED")};
  const auto link = parts_.links.of(id.node);
  NUBO_TRY(const auto open_target, parts_.links.of(target)->borrow(context));
  const auto moved =
      link->call<std::string>(context, [id, migration, open_target](virConnectPtr source) {
        return migrate_domain(source, open_target->get(), id, migration);
      });
  if (!moved) {
    abort_if_cancelled(link, id, context);
    return Failure(moved.error());
  }
  parts_.arrivals.note(target);
  sync_clock(parts_.links.of(target), id);
  return Values{{"deploy_id", *moved}};
}

Result<Values> Actions::probe(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  return parts_.links.of(id.node)->call<Values>(
      context, [id](virConnectPtr connection) -> Result<Values> {
        NUBO_TRY(const DomainPtr domain, find_domain(connection, id));
        if (!domain) return Values{{"state", "absent"}, {"deploy_id", ""}};
        NUBO_TRY(const DomainState state, state_of(domain));
        const std::string seen = monitor_state(state);
        const bool is_off = seen == "POWEROFF";
        const bool is_running = seen == "RUNNING";
        return Values{{"state", is_off       ? "off"
                                : is_running ? "running"
                                             : "paused"},
                      {"deploy_id", uuid_of(domain)}};
      });
}

}  // namespace nubo::kvm
