// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/libvirt_domain.h"

#include <algorithm>
#include <array>

#include "text/xml_reader.h"
#include "vmm_kvm/libvirt_xml.h"

namespace nubo::kvm {
namespace {

bool is_absent(int code) { return code == VIR_ERR_NO_DOMAIN; }

bool is_stopped(int code) { return is_absent(code) || code == VIR_ERR_OPERATION_INVALID; }

DomainPtr look_up(virConnectPtr connection, const DomainId& id) {
  if (id.vm_id >= 0) {
    DomainPtr domain(virDomainLookupByName(connection, domain_name(id.vm_id).c_str()));
    if (domain || !is_absent(libvirt_error_code())) return domain;
  }
  if (id.deploy_id.empty()) return {};
  // libvirt checks the shape of a UUID itself; a name is no UUID.
  DomainPtr domain(virDomainLookupByUUIDString(connection, id.deploy_id.c_str()));
  if (domain) return domain;
  return DomainPtr(virDomainLookupByName(connection, id.deploy_id.c_str()));
}

Failure domain_failure(const DomainId& id, std::string_view what) {
  return libvirt_failure(fmt::format("{} {}", what, id.title()));
}

// libvirt refuses to migrate what it does not know to be safe: of the shared file systems it knows
// a few by name. What counts is that no node keeps written data to itself.
bool bypasses_host_cache(const std::string& xml) {
  const auto document = XmlDocument::parse(xml);
  if (!document) return false;
  const std::vector<XmlNode> disks = document->root().child("devices").children("disk");
  return std::ranges::all_of(disks, [](const XmlNode& disk) {
    const std::string cache = disk.child("driver").attribute("cache");
    return disk.child("readonly") || cache == "none" || cache == "directsync";
  });
}

struct FreeParameters {
  void operator()(virTypedParameterPtr parameters) const { virTypedParamsFree(parameters, count); }

  int count = 0;
};

DomainPtr migrate_with(virDomainPtr domain, virConnectPtr target, const Migration& migration,
                       unsigned flags) {
  virTypedParameterPtr parameters = nullptr;
  int count = 0;
  int capacity = 0;
  if (!migration.uri.empty()) {
    virTypedParamsAddString(&parameters, &count, &capacity, VIR_MIGRATE_PARAM_URI,
                            migration.uri.c_str());
  }
  DomainPtr moved(
      virDomainMigrate3(domain, target, parameters, static_cast<unsigned>(count), flags));
  const std::unique_ptr<virTypedParameter, FreeParameters> owner(parameters, {count});
  return moved;
}

}  // namespace

std::string DomainId::title() const {
  if (vm_id < 0) return fmt::format("guest {} on {}", deploy_id, node);
  return fmt::format("VM {} on {}", vm_id, node);
}

Result<DomainPtr> find_domain(virConnectPtr connection, const DomainId& id) {
  DomainPtr domain = look_up(connection, id);
  const int code = libvirt_error_code();
  if (!domain && code != 0 && !is_absent(code) && code != VIR_ERR_INVALID_ARG) {
    return domain_failure(id, "cannot look for");
  }
  return domain;
}

Result<DomainPtr> running_domain(virConnectPtr connection, const DomainId& id) {
  NUBO_TRY(DomainPtr domain, find_domain(connection, id));
  if (domain) {
    NUBO_TRY(const DomainState state, state_of(domain));
    if (is_active(state)) return domain;
  }
  return fail(Code::action, "{} does not run", id.title());
}

std::string uuid_of(const DomainPtr& domain) {
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  virDomainGetUUIDString(domain.get(), uuid.data());
  return uuid.data();
}

Result<DomainState> state_of(const DomainPtr& domain) {
  DomainState state;
  if (virDomainGetState(domain.get(), &state.state, &state.reason, 0) == 0) return state;
  if (is_absent(libvirt_error_code())) return DomainState{VIR_DOMAIN_SHUTOFF, 0};
  return libvirt_failure("cannot read a guest's state");
}

bool is_active(const DomainState& state) {
  return state.state != VIR_DOMAIN_SHUTOFF && state.state != VIR_DOMAIN_NOSTATE;
}

bool is_in_transit(const DomainState& state) {
  constexpr std::array reasons{VIR_DOMAIN_PAUSED_MIGRATION, VIR_DOMAIN_PAUSED_SAVE,
                               VIR_DOMAIN_PAUSED_STARTING_UP, VIR_DOMAIN_PAUSED_SNAPSHOT};
  return state.state == VIR_DOMAIN_PAUSED && std::ranges::count(reasons, state.reason) > 0;
}

std::string monitor_state(const DomainState& state) {
  switch (state.state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
    case VIR_DOMAIN_SHUTDOWN:
      return "RUNNING";
    case VIR_DOMAIN_SHUTOFF:
      return "POWEROFF";
    case VIR_DOMAIN_PMSUSPENDED:
      return "SUSPENDED";
    case VIR_DOMAIN_CRASHED:
      return "FAILURE";
    case VIR_DOMAIN_PAUSED:
      break;
    default:
      return "UNKNOWN";
  }
  if (is_in_transit(state)) return "RUNNING";
  return state.reason == VIR_DOMAIN_PAUSED_USER ? "SUSPENDED" : "FAILURE";
}

Result<std::string> create_domain(virConnectPtr connection, const DomainId& id,
                                  const std::string& xml) {
  NUBO_TRY(const DomainPtr found, find_domain(connection, id));
  if (found) {
    NUBO_TRY(const DomainState state, state_of(found));
    if (is_active(state)) return uuid_of(found);
  }
  const DomainPtr created(virDomainCreateXML(connection, xml.c_str(), 0));
  if (!created) return domain_failure(id, "cannot start");
  return uuid_of(created);
}

Result<bool> request_shutdown(virConnectPtr connection, const DomainId& id) {
  NUBO_TRY(const DomainPtr domain, find_domain(connection, id));
  if (!domain) return false;
  if (virDomainShutdown(domain.get()) == 0) return true;
  if (is_stopped(libvirt_error_code())) return is_running(connection, id);
  return domain_failure(id, "cannot ask for the shutdown of");
}

Result<bool> is_running(virConnectPtr connection, const DomainId& id) {
  NUBO_TRY(const DomainPtr domain, find_domain(connection, id));
  if (!domain) return false;
  NUBO_TRY(const DomainState state, state_of(domain));
  return is_active(state);
}

Result<Presence> presence_of(virConnectPtr connection, const DomainId& id) {
  NUBO_TRY(const DomainPtr domain, find_domain(connection, id));
  if (!domain) return Presence::absent;
  NUBO_TRY(const DomainState state, state_of(domain));
  if (is_in_transit(state)) return Presence::in_transit;
  return is_active(state) ? Presence::there : Presence::absent;
}

Result<bool> destroy_domain(virConnectPtr connection, const DomainId& id) {
  NUBO_TRY(const bool is_there, is_running(connection, id));
  if (!is_there) return false;
  NUBO_TRY(const DomainPtr domain, find_domain(connection, id));
  if (!domain || virDomainDestroy(domain.get()) == 0 || is_stopped(libvirt_error_code())) {
    return is_running(connection, id);
  }
  if (libvirt_error_code() == VIR_ERR_SYSTEM_ERROR) return true;  // QEMU did not die yet
  return domain_failure(id, "cannot end");
}

Status reboot_domain(virConnectPtr connection, const DomainId& id) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  if (virDomainReboot(domain.get(), 0) < 0) return domain_failure(id, "cannot reboot");
  return ok();
}

Status reset_domain(virConnectPtr connection, const DomainId& id) {
  NUBO_TRY(const DomainPtr domain, running_domain(connection, id));
  if (virDomainReset(domain.get(), 0) < 0) return domain_failure(id, "cannot reset");
  return ok();
}

Status save_domain(virConnectPtr connection, const DomainId& id, const std::string& checkpoint) {
  NUBO_TRY(const DomainPtr domain, find_domain(connection, id));
  if (domain) {
    if (virDomainSave(domain.get(), checkpoint.c_str()) == 0) return ok();
    const Failure failure = domain_failure(id, "cannot save");
    NUBO_TRY(const bool is_there, is_running(connection, id));
    if (is_there) return failure;  // else an earlier request may have saved it just now
  }
  const TextPtr saved(virDomainSaveImageGetXMLDesc(connection, checkpoint.c_str(), 0));
  if (saved) return ok();
  return fail(Code::action, "{} does not run, and there is no whole checkpoint {}", id.title(),
              checkpoint);
}

std::string with_system_dir(std::string xml, const std::string& system_dir) {
  const auto document = XmlDocument::parse(xml);
  if (!document) return xml;
  const std::string old =
      document->root().child("metadata").child("one:vm").get("one:system_datastore");
  if (old.empty() || old == system_dir) return xml;
  for (const char end : {'/', '<', '\'', '"'}) {
    const std::string from = old + end;
    const std::string to = system_dir + end;
    for (std::size_t at = xml.find(from); at != std::string::npos; at = xml.find(from, at)) {
      xml.replace(at, from.size(), to);
      at += to.size();
    }
  }
  return xml;
}

Result<std::string> restore_domain(virConnectPtr connection, const DomainId& id,
                                   const Restore& restore) {
  NUBO_TRY(const DomainPtr found, find_domain(connection, id));
  if (found) {
    NUBO_TRY(const DomainState state, state_of(found));
    // Suspended by the guest itself: its memory is where it was.
    if (state.state == VIR_DOMAIN_PMSUSPENDED) virDomainPMWakeup(found.get(), 0);
    if (is_active(state)) return uuid_of(found);
  }
  const char* path = restore.checkpoint.c_str();
  const TextPtr saved(
      virDomainSaveImageGetXMLDesc(connection, path, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE));
  if (!saved) return domain_failure(id, "cannot read the checkpoint of");
  const std::string xml = with_system_dir(saved.get(), restore.system_dir);
  if (virDomainRestoreFlags(connection, path, xml.c_str(), VIR_DOMAIN_SAVE_RUNNING) < 0) {
    return domain_failure(id, "cannot restore");
  }
  NUBO_TRY(const DomainPtr restored, running_domain(connection, id));
  return uuid_of(restored);
}

Result<std::string> migrate_domain(virConnectPtr source, virConnectPtr target, const DomainId& id,
                                   const Migration& migration) {
  NUBO_TRY(const bool is_at_source, is_running(source, id));
  if (!is_at_source) {
    NUBO_TRY(const DomainPtr arrived,
             running_domain(target, {id.vm_id, id.deploy_id, migration.target}));
    return uuid_of(arrived);
  }
  NUBO_TRY(const DomainPtr domain, running_domain(source, id));
  unsigned flags = VIR_MIGRATE_LIVE | VIR_MIGRATE_ABORT_ON_ERROR;
  if (migration.auto_converge) flags |= VIR_MIGRATE_AUTO_CONVERGE;
  if (migration.compressed) flags |= VIR_MIGRATE_COMPRESSED;
  DomainPtr moved = migrate_with(domain.get(), target, migration, flags);
  if (!moved && libvirt_error_code() == VIR_ERR_MIGRATE_UNSAFE) {
    const TextPtr xml(virDomainGetXMLDesc(domain.get(), 0));
    if (!xml || !bypasses_host_cache(xml.get())) {
      return fail(Code::action,
                  "cannot migrate {}: a disk is cached by the node (CACHE is neither "
                  "none nor directsync)",
                  id.title());
    }
    moved = migrate_with(domain.get(), target, migration, flags | VIR_MIGRATE_UNSAFE);
  }
  if (!moved) {
    return domain_failure(id, fmt::format("cannot migrate to {}", migration.target));
  }
  return uuid_of(moved);
}

void sync_guest_clock(virConnectPtr connection, const DomainId& id) {
  const auto domain = find_domain(connection, id);
  if (domain && *domain) virDomainSetTime(domain->get(), 0, 0, VIR_DOMAIN_TIME_SYNC);
}

void abort_job(virConnectPtr connection, const DomainId& id) {
  const auto domain = find_domain(connection, id);
  if (domain && *domain) virDomainAbortJob(domain->get());
}

}  // namespace nubo::kvm
