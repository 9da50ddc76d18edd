// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/changes.h"

#include <array>
#include <optional>

#include "base/numbers.h"
#include "vmm_kvm/libvirt_changes.h"
#include "vmm_kvm/libvirt_xml.h"
#include "vmm_kvm/vm_request.h"

namespace nubo::kvm {
namespace {

constexpr Milliseconds poll_interval{300};

/// The documents of a request and what is made of them; they live as long as this.
class Scene {
 public:
  static Result<Scene> read(const Request& request, const Actions::Parts& parts) {
    NUBO_TRY(XmlDocument vm, document(request, "vm"));
    NUBO_TRY(XmlDocument host, document(request, "host"));
    NUBO_TRY(XmlDocument cluster, document(request, "cluster"));
    NUBO_TRY(XmlDocument datastore, document(request, "datastore"));
    return Scene(parts, argument(request, "system_dir"),
                 {std::move(vm), std::move(host), std::move(cluster), std::move(datastore)});
  }

  DomainRequest request() const {
    return {.vm = documents_[0].root(),
            .host = documents_[1].root(),
            .cluster = documents_[2].root(),
            .datastore = documents_[3].root(),
            .defaults = parts_->settings.defaults,
            .system_dir = system_dir_,
            .hypervisor = parts_->settings.hypervisor,
            .version = parts_->settings.version,
            .now = parts_->clock.now()};
  }

  /// The vector of that name and number in the VM's template; a null node when it is not there.
  XmlNode device(std::string_view name, std::string_view key, std::string_view id) const {
    for (const XmlNode& node : documents_[0].root().child("TEMPLATE").children(name)) {
      if (node.get(key) == id) return node;
    }
    return {};
  }

 private:
  Scene(const Actions::Parts& parts, std::string system_dir, std::array<XmlDocument, 4> documents)
      : parts_(&parts), system_dir_(std::move(system_dir)), documents_(std::move(documents)) {}

  const Actions::Parts* parts_;
  std::string system_dir_;
  std::array<XmlDocument, 4> documents_;
};

/// A device that a request is about.
struct Subject {
  Scene scene;
  XmlNode node;
  DeviceId device;
};

Result<Subject> disk_of(const Request& request, const Actions::Parts& parts) {
  NUBO_TRY(Scene scene, Scene::read(request, parts));
  const XmlNode node = scene.device("DISK", "DISK_ID", argument(request, "disk_id"));
  const std::string target = node.get("TARGET");
  if (target.empty()) {
    return fail(Code::internal, "{}: no disk {} with a TARGET", request.action,
                argument(request, "disk_id"));
  }
  return Subject{std::move(scene), node, {DeviceId::Kind::disk, target}};
}

Result<Subject> nic_of(const Request& request, const Actions::Parts& parts) {
  NUBO_TRY(Scene scene, Scene::read(request, parts));
  const XmlNode node = scene.device("NIC", "NIC_ID", argument(request, "nic_id"));
  const std::string mac = node.get("MAC");
  if (mac.empty()) {
    return fail(Code::internal, "{}: no NIC {} with a MAC", request.action,
                argument(request, "nic_id"));
  }
  return Subject{std::move(scene), node, {DeviceId::Kind::nic, mac}};
}

/// What a kind of device differs in: how a request names one, and how libvirt reads it.
struct DeviceKind {
  Result<Subject> (*find)(const Request&, const Actions::Parts&);
  std::string (*xml)(const DomainRequest&, std::string_view id);
  const char* argument;
};

constexpr DeviceKind disks{disk_of, disk_xml, "disk_id"};
constexpr DeviceKind nics{nic_of, nic_xml, "nic_id"};

Result<Values> attach(const Actions::Parts& parts, const DeviceKind& kind, const Request& request,
                      const Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const Subject subject, kind.find(request, parts));
  const std::string xml = kind.xml(subject.scene.request(), argument(request, kind.argument));
  NUBO_CHECK(parts.links.of(id.node)->call<void>(
      context, [id, device = subject.device, xml](virConnectPtr c) {
        return attach_device(c, id, device, xml);
      }));
  return Values{};
}

/// The guest's system gives a device back when it likes.
Result<Values> detach(const Actions::Parts& parts, const DeviceKind& kind, const Request& request,
                      const Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const Subject subject, kind.find(request, parts));
  const auto ask = [id, device = subject.device](virConnectPtr c) {
    return detach_device(c, id, device);
  };
  while (true) {
    NUBO_TRY(const bool is_there, parts.links.of(id.node)->call<bool>(context, ask));
    if (!is_there) return Values{};
    if (!rest(context, poll_interval)) {
      return fail(Code::action, "{}: the guest did not give {} back in time", id.title(),
                  subject.device.value);
    }
  }
}

Bandwidth bandwidth_of(const XmlNode& nic, const std::string& direction) {
  const auto number = [&](const char* key) {
    return parse_number<unsigned>(nic.get(direction + key)).value_or(0);
  };
  return {number("_AVG_BW"), number("_PEAK_BW"), number("_PEAK_KB")};
}

/// The new number when it differs from the old one.
template <class T>
std::optional<T> changed(const Request& request, const std::string& name, T unit = 1) {
  const auto now = parse_number<T>(argument(request, name));
  if (!now || argument(request, name) == argument(request, "old_" + name)) return {};
  return *now * unit;
}

}  // namespace

Result<Values> Changes::attach_disk(const Request& request, Context& context) {
  return attach(parts_, disks, request, context);
}

Result<Values> Changes::detach_disk(const Request& request, Context& context) {
  return detach(parts_, disks, request, context);
}

Result<Values> Changes::resize_disk(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const Subject disk, disk_of(request, parts_));
  const auto size = parse_number<long long>(disk.node.get("SIZE"));
  if (!size) return fail(Code::internal, "resize_disk: no SIZE");
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id, target = disk.device.value, size = *size](virConnectPtr c) {
        return resize_domain_disk(c, id, target, size);
      }));
  return Values{};
}

Result<Values> Changes::attach_nic(const Request& request, Context& context) {
  return attach(parts_, nics, request, context);
}

Result<Values> Changes::detach_nic(const Request& request, Context& context) {
  return detach(parts_, nics, request, context);
}

Result<Values> Changes::update_nic(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const Subject nic, nic_of(request, parts_));
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id, mac = nic.device.value, in = bandwidth_of(nic.node, "INBOUND"),
                out = bandwidth_of(nic.node, "OUTBOUND")](virConnectPtr c) {
        return limit_nic(c, id, mac, in, out);
      }));
  return Values{};
}

Result<Values> Changes::reconfigure(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const Scene scene, Scene::read(request, parts_));
  const std::string loaded = context_cd_xml(scene.request(), Tray::loaded);
  if (loaded.empty()) return Values{};
  const std::string empty = context_cd_xml(scene.request(), Tray::empty);
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id, empty, loaded](virConnectPtr c) { return reload_cd(c, id, empty, loaded); }));
  return Values{};
}

Result<Values> Changes::resize(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_TRY(const Scene scene, Scene::read(request, parts_));
  constexpr unsigned long kib_of_mib = 1024;
  NewSize size{.memory_kib = changed<unsigned long>(request, "memory", kib_of_mib),
               .vcpus = changed<unsigned>(request, "vcpu")};
  if (const auto old = parse_number<unsigned long>(argument(request, "old_memory"))) {
    size.old_memory_kib = *old * kib_of_mib;
  }
  if (argument(request, "cpu") != argument(request, "old_cpu")) {
    size.shares = static_cast<unsigned long long>(cpu_shares(scene.request()));
  }
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id, size](virConnectPtr c) { return resize_domain(c, id, size); }));
  return Values{};
}

Result<Values> Changes::snapshot_create(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  const auto number = parse_number<int>(argument(request, "snapshot"));
  if (!number) return fail(Code::internal, "snapshot_create: no number");
  NUBO_TRY(const std::string name, parts_.links.of(id.node)->call<std::string>(
                                       context, [id, number = *number](virConnectPtr c) {
                                         return make_snapshot(c, id, number);
                                       }));
  return Values{{"hypervisor_id", name}};
}

Result<Values> Changes::snapshot_revert(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id, name = argument(request, "hypervisor_id")](virConnectPtr c) {
        return revert_to_snapshot(c, id, name);
      }));
  return Values{};
}

Result<Values> Changes::snapshot_delete(const Request& request, Context& context) {
  NUBO_TRY(const DomainId id, domain_of(request));
  NUBO_CHECK(parts_.links.of(id.node)->call<void>(
      context, [id, name = argument(request, "hypervisor_id")](virConnectPtr c) {
        return delete_snapshot(c, id, name);
      }));
  return Values{};
}

}  // namespace nubo::kvm
