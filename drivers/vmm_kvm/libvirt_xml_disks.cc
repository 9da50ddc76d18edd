// SPDX-License-Identifier: Apache-2.0
// Disks of a domain, the contextualisation CD and the controllers that carry them.
#include <algorithm>
#include <array>

#include "base/numbers.h"
#include "vmm_kvm/libvirt_xml_parts.h"

namespace nubo::kvm {
namespace {

struct Disk {
  const Vector& attributes;
  std::string id;
  std::string type;  // upper case; volatile disks have that of the system datastore
  std::string bus;
  bool is_cdrom;

  const std::string& get(std::string_view key) const { return attributes.get(key); }
};

bool is_volatile(const std::string& type) { return type == "FS" || type == "SWAP"; }

std::string cdrom_bus(const Domain& domain) { return domain.is_pcie ? "sata" : "ide"; }

std::string bus_of(const Domain& domain, const std::string& target, bool is_cdrom) {
  if (!is_cdrom && target.starts_with("sd")) return domain.sources.get("OS", "SD_DISK_BUS");
  if (!is_cdrom && target.starts_with("vd")) return "virtio";
  return cdrom_bus(domain);
}

Disk disk_of(const Domain& domain, const Vector& attributes) {
  std::string type = upper(attributes.get("TYPE"));
  if (is_volatile(type)) {
    const std::string& own = attributes.get("DISK_TYPE");
    type = upper(own.empty() ? domain.datastore.get("DISK_TYPE") : own);
  } else if (upper(attributes.get("DISK_TYPE")) == "RBD" && !type.starts_with("RBD")) {
    type = type == "CDROM" ? "RBD_CDROM" : "RBD";
  }
  const bool is_cdrom = type.ends_with("CDROM");
  return {attributes, attributes.get("DISK_ID"), type,
          bus_of(domain, attributes.get("TARGET"), is_cdrom), is_cdrom};
}

std::string word_before(const std::string& text, char separator) {
  return text.substr(0, text.find(separator));
}

std::string word_after(const std::string& text, char separator, std::string_view otherwise) {
  const std::size_t at = text.find(separator);
  return at == std::string::npos ? std::string(otherwise) : text.substr(at + 1);
}

// Copies of an image are named after the VM and the disk: "one/one-7-3-0".
std::string copy_suffix(const Domain& domain, const Disk& disk) {
  return fmt::format("-{}-{}", domain.vm_id, disk.id);
}

std::string rbd_name(const Domain& domain, const Disk& disk) {
  const std::string& source = disk.get("SOURCE");
  if (source.empty()) {
    const std::string& pool = disk.get("POOL_NAME");
    return (pool.empty() ? "one" : pool) + "/one-sys" + copy_suffix(domain, disk);
  }
  return disk.attributes.yes("CLONE") ? source + copy_suffix(domain, disk) : source;
}

void write_rbd(DomainWriter& out, const Domain& domain, const Disk& disk) {
  out.open("source", {{"protocol", "rbd"}, {"name", rbd_name(domain, disk)}});
  for (const std::string& host : split(disk.get("CEPH_HOST"), " ")) {
    out.empty("host", {{"name", word_before(host, ':')}, {"port", word_after(host, ':', "6789")}});
  }
  out.close();
  if (disk.get("CEPH_USER").empty() || disk.get("CEPH_SECRET").empty()) return;
  out.open("auth", {{"username", disk.get("CEPH_USER")}});
  out.empty("secret", {{"type", "ceph"}, {"uuid", disk.get("CEPH_SECRET")}});
  out.close();
}

void write_iscsi(DomainWriter& out, const Domain&, const Disk& disk) {
  const std::string& iqn = disk.get("ISCSI_IQN");
  out.open("source", {{"protocol", "iscsi"}, {"name", iqn.empty() ? disk.get("SOURCE") : iqn}});
  if (!disk.get("ISCSI_HOST").empty()) {
    out.empty("host", {{"name", disk.get("ISCSI_HOST")}, {"port", "3260"}});
  }
  out.close();
  if (disk.get("ISCSI_USER").empty() || disk.get("ISCSI_USAGE").empty()) return;
  out.open("auth", {{"username", disk.get("ISCSI_USER")}});
  out.empty("secret", {{"type", "iscsi"}, {"usage", disk.get("ISCSI_USAGE")}});
  out.close();
}

void write_gluster(DomainWriter& out, const Domain& domain, const Disk& disk) {
  const std::string& source = disk.get("SOURCE");
  const std::string file = disk.attributes.yes("CLONE")
                               ? fmt::format("{}/disk.{}", domain.vm_id, disk.id)
                               : source.substr(source.rfind('/') + 1);
  out.open("source", {{"protocol", "gluster"}, {"name", disk.get("GLUSTER_VOLUME") + "/" + file}});
  const std::string& host = disk.get("GLUSTER_HOST");
  out.empty("host", {{"name", word_before(host, ':')},
                     {"port", word_after(host, ':', "24007")},
                     {"transport", "tcp"}});
  out.close();
}

void write_sheepdog(DomainWriter& out, const Domain& domain, const Disk& disk) {
  const std::string& source = disk.get("SOURCE");
  out.open("source",
           {{"protocol", "sheepdog"},
            {"name", disk.attributes.yes("CLONE") ? source + copy_suffix(domain, disk) : source}});
  const std::string& host = disk.get("SHEEPDOG_HOST");
  if (!host.empty()) {
    out.empty("host", {{"name", word_before(host, ':')},
                       {"port", word_after(host, ':', "")},
                       {"transport", "tcp"}});
  }
  out.close();
}

void write_block(DomainWriter& out, const Domain& domain, const Disk& disk) {
  out.empty("source", {{"dev", domain.file("disk." + disk.id)}});
}

void write_file(DomainWriter& out, const Domain& domain, const Disk& disk) {
  out.empty("source", {{"file", domain.file("disk." + disk.id)}});
}

struct Backend {
  std::string_view prefix;  // of the disk's TYPE
  std::string_view element;
  void (*write_source)(DomainWriter&, const Domain&, const Disk&);
};

constexpr std::array backends{
    Backend{"RBD", "network", write_rbd},         Backend{"ISCSI", "network", write_iscsi},
    Backend{"GLUSTER", "network", write_gluster}, Backend{"SHEEPDOG", "network", write_sheepdog},
    Backend{"BLOCK", "block", write_block},
};
constexpr Backend file_backend{"FILE", "file", write_file};
constexpr Backend block_backend = backends.back();

const Backend& backend_of(const Disk& disk) {
  if (disk.type == "CDROM" && upper(disk.get("DISK_TYPE")) == "BLOCK") return block_backend;
  const auto* found = std::ranges::find_if(
      backends, [&disk](const Backend& backend) { return disk.type.starts_with(backend.prefix); });
  return found == backends.end() ? file_backend : *found;
}

// --- throttling --------------------------------------------------------------------------------

struct Throttle {
  const Domain& domain;
  const Disk& disk;

  long long get(const std::string& key) const {
    const std::string& own = disk.get(key);
    const std::string value = own.empty() ? domain.sources.site("DISK", key) : own;
    return parse_number<long long>(value).value_or(0);
  }

  bool has(const std::string& key) const { return get(key) > 0 || get(key + "_MAX") > 0; }
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

void add_limit(std::vector<std::pair<std::string, long long>>& limits, const Throttle& throttle,
               const std::string& key) {
  const long long base = throttle.get(key);
  const long long burst = throttle.get(key + "_MAX");
  if (base > 0) limits.emplace_back(lower(key), base);
  if (burst <= base) return;
  limits.emplace_back(lower(key) + "_max", burst);
  const long long length = throttle.get(key + "_MAX_LENGTH");
  if (length > 0) limits.emplace_back(lower(key) + "_max_length", length);
}

void write_throttle(DomainWriter& out, const Domain& domain, const Disk& disk) {
  const Throttle throttle{domain, disk};
  std::vector<std::pair<std::string, long long>> limits;
  bool has_iops = false;
  for (const std::string unit : {"BYTES_SEC", "IOPS_SEC"}) {
    const std::size_t before = limits.size();
    if (throttle.has("TOTAL_" + unit)) {
      add_limit(limits, throttle, "TOTAL_" + unit);
    } else {
      add_limit(limits, throttle, "READ_" + unit);
      add_limit(limits, throttle, "WRITE_" + unit);
    }
    has_iops = limits.size() > before;
  }
  if (has_iops && throttle.get("SIZE_IOPS_SEC") > 0) {
    limits.emplace_back("size_iops_sec", throttle.get("SIZE_IOPS_SEC"));
  }
  if (limits.empty()) return;
  out.open("iotune");
  for (const auto& [name, value] : limits) out.text(name, std::to_string(value));
  out.close();
}

// --- one disk ----------------------------------------------------------------------------------

std::string own_or_site(const Domain& domain, const Disk& disk, std::string_view key) {
  const std::string& own = disk.get(key);
  return own.empty() ? domain.sources.site("DISK", key) : own;
}

std::string io_thread_of(Domain& domain, const Disk& disk) {
  if (disk.bus != "virtio" || domain.io_threads <= 0) return {};
  const int asked = disk.attributes.number<int>("IOTHREAD").value_or(0);
  if (asked >= 1 && asked <= domain.io_threads) return std::to_string(asked);
  return domain.take_io_thread();
}

void write_driver(DomainWriter& out, Domain& domain, const Disk& disk) {
  std::string format = disk.is_cdrom ? "raw" : own_or_site(domain, disk, "DRIVER");
  std::string cache = own_or_site(domain, disk, "CACHE");
  std::string queues;
  if (disk.bus == "virtio") {
    const std::string& own = disk.get("VIRTIO_BLK_QUEUES");
    queues = domain.queues(own.empty() ? domain.sources.get("FEATURES", "VIRTIO_BLK_QUEUES") : own);
  }
  out.empty("driver", {{"name", "qemu"},
                       {"type", format.empty() ? "raw" : format},
                       {"cache", cache.empty() ? "default" : cache},
                       {"io", own_or_site(domain, disk, "IO")},
                       {"discard", own_or_site(domain, disk, "DISCARD")},
                       {"iothread", io_thread_of(domain, disk)},
                       {"queues", queues}});
}

// sda 0, sdb 1, … sdz 25, sdaa 26
int index_of_target(std::string_view target) {
  int index = 0;
  for (const char c : target.substr(2)) {
    if (c < 'a' || c > 'z' || index > 255) return 0;
    index = index * 26 + (c - 'a' + 1);
  }
  return index - 1;
}

struct Controllers {
  int next;  // of the sata disks: one controller each
  std::vector<int> used;
};

void write_address(DomainWriter& out, const Disk& disk, Controllers& sata) {
  const std::string& target = disk.get("TARGET");
  if (!target.starts_with("sd")) return;
  int controller = 0;
  int unit = 0;
  if (disk.bus == "sata") {
    controller = sata.next++;
    sata.used.push_back(controller);
  } else {
    unit = index_of_target(target);
    if (unit < 0 || unit > 255) return;
  }
  out.empty("address", {{"type", "drive"},
                        {"controller", std::to_string(controller)},
                        {"bus", "0"},
                        {"target", std::to_string(unit)},
                        {"unit", "0"}});
}

void write_disk(DomainWriter& out, Domain& domain, const Disk& disk, Controllers& sata) {
  const Backend& backend = backend_of(disk);
  out.open("disk", {{"type", backend.element}, {"device", disk.is_cdrom ? "cdrom" : "disk"}});
  backend.write_source(out, domain, disk);
  out.empty("target", {{"dev", disk.get("TARGET")}, {"bus", disk.bus}});
  if (!disk.get("LUKS_SECRET").empty()) {
    out.open("encryption", {{"format", "luks"}});
    out.empty("secret", {{"type", "passphrase"}, {"uuid", disk.get("LUKS_SECRET")}});
    out.close();
  }
  if (!disk.get("ORDER").empty()) out.empty("boot", {{"order", disk.get("ORDER")}});
  if (disk.attributes.yes("READONLY")) out.empty("readonly");
  if (disk.attributes.yes("SHAREABLE")) out.empty("shareable");
  const bool may_have_serial = disk.type != "BLOCK" || disk.bus != "scsi";
  if (!disk.get("SERIAL").empty() && may_have_serial) out.text("serial", disk.get("SERIAL"));
  write_driver(out, domain, disk);
  write_throttle(out, domain, disk);
  write_address(out, disk, sata);
  out.close();
}

void write_id_map(DomainWriter& out, const Domain& domain, const char* name, const char* key) {
  const std::string target = domain.sources.site("DISK", key);
  out.empty(name,
            {{"start", "0"}, {"target", target.empty() ? "100000" : target}, {"count", "65536"}});
}

void write_filesystem(DomainWriter& out, const Domain& domain, const Vector& disk) {
  out.open("filesystem", {{"type", "mount"}, {"accessmode", "passthrough"}});
  out.empty("driver", {{"type", "virtiofs"}, {"queue", "1024"}});
  out.open("binary", {{"path", "/var/tmp/one/vmm/kvm/virtiofsd.sh"}, {"xattr", "on"}});
  out.empty("cache", {{"mode", "always"}});
  out.empty("sandbox", {{"mode", "namespace"}});
  out.close();
  out.empty("source", {{"dir", disk.get("SOURCE")}});
  out.empty("target", {{"dir", disk.get("MOUNT_TAG")}});
  if (disk.yes("READONLY")) out.empty("readonly");
  out.open("idmap");
  write_id_map(out, domain, "uid", "UID_MAP");
  write_id_map(out, domain, "gid", "GID_MAP");
  out.close();
  out.close();
}

void write_context_cd(DomainWriter& out, const Domain& domain, Tray tray = Tray::loaded) {
  const Vector* context = domain.sources.vm().vector("CONTEXT");
  if (context == nullptr || context->get("TARGET").empty()) return;
  const bool is_block = upper(domain.datastore.get("CONTEXT_DISK_TYPE")) == "BLOCK";
  const std::string source = domain.file("disk." + context->get("DISK_ID"));
  out.open("disk", {{"type", is_block ? "block" : "file"}, {"device", "cdrom"}});
  if (tray == Tray::loaded) out.empty("source", {{is_block ? "dev" : "file", source}});
  out.empty("target", {{"dev", context->get("TARGET")}, {"bus", cdrom_bus(domain)}});
  out.empty("readonly");
  out.empty("driver", {{"name", "qemu"}, {"type", "raw"}, {"cache", "none"}});
  out.close();
}

void write_scsi_controller(DomainWriter& out, Domain& domain) {
  const std::string queues = domain.queues(domain.sources.get("FEATURES", "VIRTIO_SCSI_QUEUES"));
  out.open("controller", {{"type", "scsi"}, {"index", "0"}, {"model", "virtio-scsi"}});
  out.empty("driver", {{"queues", parse_number<int>(queues) ? queues : "1"},
                       {"iothread", domain.take_io_thread()}});
  out.close();
}

}  // namespace

std::string disk_xml(const DomainRequest& request, std::string_view disk_id) {
  Domain domain(request);
  DomainWriter out;
  Controllers sata{.next = domain.is_pcie ? 1 : 0, .used = {}};
  for (const Vector* attributes : domain.sources.vm().vectors("DISK")) {
    if (attributes->get("DISK_ID") != disk_id) continue;
    write_disk(out, domain, disk_of(domain, *attributes), sata);
  }
  return out.take();
}

std::string context_cd_xml(const DomainRequest& request, Tray tray) {
  const Domain domain(request);
  DomainWriter out;
  write_context_cd(out, domain, tray);
  return out.take();
}

void write_disks(DomainWriter& out, Domain& domain) {
  // The first sata controller of a PCI Express machine is built in.
  Controllers sata{.next = domain.is_pcie ? 1 : 0, .used = {}};
  for (const Vector* attributes : domain.sources.vm().vectors("DISK")) {
    const Disk disk = disk_of(domain, *attributes);
    if (disk.type == "FILESYSTEM") {
      write_filesystem(out, domain, *attributes);
    } else {
      write_disk(out, domain, disk, sata);
    }
  }
  for (const int index : sata.used) {
    out.empty("controller", {{"type", "sata"}, {"index", std::to_string(index)}});
  }
  write_context_cd(out, domain);
  write_scsi_controller(out, domain);
}

}  // namespace nubo::kvm
