// SPDX-License-Identifier: Apache-2.0
// Console of a domain: graphics, video, input.
#include <algorithm>

#include "base/numbers.h"
#include "vmm_kvm/libvirt_xml_parts.h"

namespace nubo::kvm {
namespace {

constexpr long long least_video_kib = 1024;

void write_console(DomainWriter& out, Domain& domain) {
  const Sources& sources = domain.sources;
  std::string type = sources.get("GRAPHICS", "TYPE");
  if (type.empty()) return;
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::tolower(c); });
  if (type != "vnc" && type != "spice") {
    domain.warnings.push_back(fmt::format("graphics of type {} are left out", type));
    return;
  }
  const std::string password = sources.get("GRAPHICS", "PASSWD");
  if (password.empty() && sources.yes("GRAPHICS", "RANDOM_PASSWD")) {
    domain.warnings.push_back("GRAPHICS/RANDOM_PASSWD is set but the VM has no GRAPHICS/PASSWD");
  }
  out.empty("graphics", {{"type", type},
                         {"listen", sources.get("GRAPHICS", "LISTEN")},
                         {"port", sources.get("GRAPHICS", "PORT")},
                         {"passwd", password},
                         {"keymap", sources.get("GRAPHICS", "KEYMAP")}});
  if (type != "spice") return;
  const std::string options = sources.site("SPICE_OPTIONS");
  if (!options.empty()) out.raw(options);
}

void write_video(DomainWriter& out, const Sources& sources) {
  const std::string type = sources.get("VIDEO", "TYPE");
  if (type.empty()) return;
  out.open("video");
  const bool has_iommu = sources.yes("VIDEO", "IOMMU");
  const bool has_ats = sources.yes("VIDEO", "ATS");
  if (type == "virtio" && (has_iommu || has_ats)) {
    out.empty("driver", {{"iommu", has_iommu ? "on" : ""}, {"ats", has_ats ? "on" : ""}});
  }
  std::string vram = sources.get("VIDEO", "VRAM");
  const bool is_none = type == "none";
  if (is_none || parse_number<long long>(vram).value_or(0) < least_video_kib) vram.clear();
  const std::vector<std::string> size = split(sources.get("VIDEO", "RESOLUTION"), "x");
  if (size.size() == 2 && !is_none && type != "cirrus") {
    out.open("model", {{"type", type}, {"vram", vram}});
    out.empty("resolution", {{"x", size[0]}, {"y", size[1]}});
    out.close();
  } else {
    out.empty("model", {{"type", type}, {"vram", vram}});
  }
  out.close();
}

}  // namespace

void write_graphics(DomainWriter& out, Domain& domain) {
  write_console(out, domain);
  write_video(out, domain.sources);
  for (const Vector* input : domain.sources.vm().vectors("INPUT")) {
    if (input->get("TYPE").empty()) continue;
    out.empty("input", {{"type", input->get("TYPE")}, {"bus", input->get("BUS")}});
    break;
  }
}

}  // namespace nubo::kvm
