// SPDX-License-Identifier: Apache-2.0
// Network interfaces of a domain.
#include "base/numbers.h"
#include "vmm_kvm/libvirt_xml_parts.h"

namespace nubo::kvm {
namespace {

enum class Attachment { none, bridge, openvswitch, vhost_user };

Attachment attachment_of(const Vector& nic) {
  if (nic.get("BRIDGE").empty() || upper(nic.get("NETWORK_MODE")) == "DUMMY") {
    return Attachment::none;
  }
  if (nic.get("BRIDGE_TYPE") == "openvswitch") return Attachment::openvswitch;
  if (nic.get("BRIDGE_TYPE") == "openvswitch_dpdk") return Attachment::vhost_user;
  return Attachment::bridge;
}

void open_interface(DomainWriter& out, const Vector& nic) {
  switch (attachment_of(nic)) {
    case Attachment::none:
      out.open("interface", {{"type", "ethernet"}});
      break;
    case Attachment::bridge:
      out.open("interface", {{"type", "bridge"}});
      out.empty("source", {{"bridge", nic.get("BRIDGE")}});
      break;
    case Attachment::openvswitch:
      out.open("interface", {{"type", "bridge"}});
      out.empty("virtualport", {{"type", "openvswitch"}});
      out.empty("source", {{"bridge", nic.get("BRIDGE")}});
      break;
    case Attachment::vhost_user:
      out.open("interface", {{"type", "vhostuser"}});
      out.empty("source", {{"type", "unix"},
                           {"mode", "server"},
                           {"path", "/var/run/one/vhost-socks/" + nic.get("TARGET")}});
      break;
  }
}

void write_model(DomainWriter& out, const Domain& domain, const Vector& nic) {
  const auto own_or_site = [&](std::string_view key) {
    return nic.get(key).empty() ? domain.sources.site("NIC", key) : nic.get(key);
  };
  const std::string model = own_or_site("MODEL");
  if (!model.empty()) out.empty("model", {{"type", model}});
  const std::string queues = domain.queues(own_or_site("VIRTIO_QUEUES"));
  // One queue is what there is anyway; naming vhost would only refuse nodes without vhost-net.
  if (model == "virtio" && !queues.empty() && queues != "1") {
    out.empty("driver", {{"name", "vhost"}, {"queues", queues}});
  }
}

void write_filter(DomainWriter& out, const Domain& domain, const Vector& nic) {
  const std::string filter =
      nic.get("FILTER").empty() ? domain.sources.site("NIC", "FILTER") : nic.get("FILTER");
  if (filter.empty() || nic.get("IP").empty()) return;
  out.open("filterref", {{"filter", filter}});
  out.empty("parameter", {{"name", "IP"}, {"value", nic.get("IP")}});
  if (!nic.get("VROUTER_IP").empty()) {
    out.empty("parameter", {{"name", "IP"}, {"value", nic.get("VROUTER_IP")}});
  }
  out.close();
}

void write_limits(DomainWriter& out, const Domain& domain, const Vector& nic) {
  const auto limit = [&](const std::string& key) {
    const std::string value = nic.get(key).empty() ? domain.sources.site("NIC", key) : nic.get(key);
    return parse_number<long long>(value).value_or(0) > 0 ? value : std::string();
  };
  bool is_open = false;
  for (const auto& [element, prefix] :
       {std::pair{"inbound", "INBOUND_"}, {"outbound", "OUTBOUND_"}}) {
    const std::string average = limit(std::string(prefix) + "AVG_BW");
    const std::string peak = limit(std::string(prefix) + "PEAK_BW");
    const std::string burst = limit(std::string(prefix) + "PEAK_KB");
    if (average.empty() && peak.empty() && burst.empty()) continue;
    if (!is_open) out.open("bandwidth");
    is_open = true;
    out.empty(element, {{"average", average}, {"peak", peak}, {"burst", burst}});
  }
  if (is_open) out.close();
}

void write_nic(DomainWriter& out, const Domain& domain, const Vector& nic) {
  open_interface(out, nic);
  if (!nic.get("MAC").empty()) out.empty("mac", {{"address", nic.get("MAC")}});
  if (!nic.get("TARGET").empty()) out.empty("target", {{"dev", nic.get("TARGET")}});
  if (!nic.get("ORDER").empty()) out.empty("boot", {{"order", nic.get("ORDER")}});
  if (!nic.get("SCRIPT").empty()) out.empty("script", {{"path", nic.get("SCRIPT")}});
  write_model(out, domain, nic);
  write_filter(out, domain, nic);
  write_limits(out, domain, nic);
  out.close();
}

}  // namespace

std::string nic_xml(const DomainRequest& request, std::string_view nic_id) {
  const Domain domain(request);
  DomainWriter out;
  for (const Vector* nic : domain.sources.vm().vectors("NIC")) {
    if (nic->get("NIC_ID") == nic_id) write_nic(out, domain, *nic);
  }
  return out.take();
}

void write_nics(DomainWriter& out, const Domain& domain) {
  for (const Vector* nic : domain.sources.vm().vectors("NIC")) write_nic(out, domain, *nic);
}

}  // namespace nubo::kvm
