// SPDX-License-Identifier: Apache-2.0
// Disks, NICs and PCI devices of machines.
#include <fmt/format.h>

#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/vm_actions.h"
#include "cli/values.h"
#include "cli/wait.h"

namespace nubo::cli {
namespace {

constexpr const char* settled = "RUNNING,POWEROFF,SUSPENDED,STOPPED,UNDEPLOYED,HOLD,PENDING";

constexpr std::array disk_group{
    Option{"file", 'f', Takes::text, "file", "File with the DISK"},
    Option{"image", 'i', Takes::object, "id|name", "Selects the image", "image"},
    Option{"target", 't', Takes::text, "target", "Device where the disk will be attached"},
    Option{"cache", 0, Takes::text, "cache_mode",
           "Hypervisor cache mode: default, none, writethrough, writeback …"},
    Option{"discard", 0, Takes::text, "discard_mode", "Hypervisor discard mode: ignore or unmap"},
    Option{"prefix", 0, Takes::text, "prefix", "Device prefix: hd, sd, vd"},
};
constexpr std::array nic_group{
    Option{"file", 'f', Takes::text, "file", "File with the NIC"},
    Option{"network", 'n', Takes::object, "id|name", "Selects the virtual network", "vnet"},
    Option{"ip", 'i', Takes::text, "ip", "IP address for the new NIC"},
    Option{"alias", 'a', Takes::text, "alias",
           "Attach the NIC as an alias of the NIC with that name"},
    Option{"nic_name", 0, Takes::text, "name", "Name of the NIC"},
    Option{"pci", 0, Takes::text, "short_address",
           "Attach the NIC as PCI device with that address"},
    Option{"pci_class", 0, Takes::text, "class ID", "PCI class ID (4 hex digits)"},
    Option{"pci_vendor", 0, Takes::text, "vendor ID", "PCI vendor ID (4 hex digits)"},
    Option{"pci_device", 0, Takes::text, "device ID", "PCI device ID (4 hex digits)"},
};
constexpr std::array pci_group{
    Option{"file", 'f', Takes::text, "file", "File with the PCI device"},
    Option{"pci", 0, Takes::text, "short_address", "PCI short address"},
    Option{"pci_class", 0, Takes::text, "class ID", "PCI class ID (4 hex digits)"},
    Option{"pci_vendor", 0, Takes::text, "vendor ID", "PCI vendor ID (4 hex digits)"},
    Option{"pci_device", 0, Takes::text, "device ID", "PCI device ID (4 hex digits)"},
};
constexpr std::array save_disk_group{
    Option{"type", 't', Takes::text, "type", "Type of the new image"},
    Option{"snapshot", 's', Takes::integer, "snapshot", "ID of the snapshot to save"},
};

// The text of --file; nothing when the option was not given.
Result<std::optional<std::string>> file_text(Run& run) {
  const std::optional<std::string> path = run.options.find("file");
  if (!path) return std::optional<std::string>();
  if (!run.shell.is_file(*path)) return fail(Code::api, "File `{}` doesn't exist", *path);
  NUBO_TRY(std::string text, run.shell.read_file(*path));
  return std::optional<std::string>(std::move(text));
}

std::string pci_text(const Options& options) {
  if (options.has("pci")) return fmt::format("SHORT_ADDRESS = {}", quoted(options.get("pci")));
  std::vector<std::string> parts;
  if (options.has("pci_device"))
    parts.push_back(fmt::format("DEVICE        = {}", quoted(options.get("pci_device"))));
  if (options.has("pci_class"))
    parts.push_back(fmt::format("CLASS         = {}", quoted(options.get("pci_class"))));
  if (options.has("pci_vendor"))
    parts.push_back(fmt::format("VENDOR        = {}", quoted(options.get("pci_vendor"))));
  return join(parts, ",");
}

std::string nic_text(const Options& options) {
  std::vector<std::string> parts;
  if (options.has("alias")) parts.push_back(fmt::format("PARENT = {}", options.get("alias")));
  parts.push_back(fmt::format("NETWORK_ID = {}", options.get("network")));
  if (options.has("ip")) parts.push_back(fmt::format("IP   = {}", options.get("ip")));
  if (options.has("nic_name")) parts.push_back(fmt::format("NAME = {}", options.get("nic_name")));
  if (const std::string device = pci_text(options); !device.empty()) {
    parts.push_back("TYPE = \"PCI\"");
    parts.push_back(device);
  }
  return fmt::format("{} = [ {}]", options.has("alias") ? "NIC_ALIAS" : "NIC", join(parts, ", "));
}

Result<int> attach(Run& run, const char* method, const std::string& text, const char* done) {
  const int id = run.id(0);
  NUBO_CHECK(run.call(method, {id, text}));
  run.done(id, done);
  NUBO_CHECK(wait_if_asked(run, {id}, {settled, true, -1}));
  return 0;
}

}  // namespace

OptionGroup disk_options() { return disk_group; }

OptionGroup nic_options() { return nic_group; }

OptionGroup pci_options() { return pci_group; }

OptionGroup save_disk_options() { return save_disk_group; }

Result<int> attach_disk(Run& run) {
  NUBO_TRY(std::optional<std::string> text, file_text(run));
  const Options& options = run.options;
  if (!text && !options.has("image")) {
    return fail(Code::api,
                "Provide a template or an image:\n\\t--file  <file>\n\\t--image <image>");
  }
  if (!text) {
    std::vector<std::string> parts{fmt::format("IMAGE_ID = {}", options.get("image"))};
    if (options.has("target")) parts.push_back(fmt::format("TARGET = {}", options.get("target")));
    if (options.has("prefix"))
      parts.push_back(fmt::format("DEV_PREFIX = {}", options.get("prefix")));
    if (options.has("cache"))
      parts.push_back(fmt::format("CACHE = {}", quoted(options.get("cache"))));
    if (options.has("discard"))
      parts.push_back(fmt::format("DISCARD = {}", quoted(options.get("discard"))));
    text = fmt::format("DISK = [ {} ]", join(parts, ", "));
  }
  return attach(run, "attach", *text, "Attaching disk");
}

Result<int> attach_nic(Run& run) {
  NUBO_TRY(const std::optional<std::string> text, file_text(run));
  if (!text && !run.options.has("network")) {
    return fail(Code::api,
                "Provide a network or a template:\n\t--file    <file>\n\t--network <network>");
  }
  return attach(run, "attachnic", text ? *text : nic_text(run.options), "Attaching NIC");
}

Result<int> attach_pci(Run& run) {
  NUBO_TRY(const std::optional<std::string> text, file_text(run));
  const std::string device = pci_text(run.options);
  if (!text && device.empty()) {
    return fail(Code::api,
                "Provide a PCI description file with --file or the relevant pci options:\n"
                "\t--pci <short_address>\n\t--pci_class <class>\n\t--pci_vendor "
                "<vendor>\n\t--pci_device <device>");
  }
  return attach(run, "attachpci", text ? *text : fmt::format("PCI = [ {} ]", device),
                "Attaching PCI");
}

Result<int> update_nic(Run& run) {
  const int id = run.id(0);
  const bool append = run.options.has("append");
  TextSource source{2, false, [&]() -> Result<std::string> {
                      if (append) return std::string();
                      NUBO_TRY(const XmlDocument vm, run.call_for_document("info", {id, false}));
                      for (const XmlNode& nic : vm.root().child("TEMPLATE").children("NIC")) {
                        if (nic.get("NIC_ID") == run.text(1)) return template_text(nic);
                      }
                      return std::string();
                    }};
  Result<std::string> text = edited_text(run, source);
  if (!text) return report_edit_error(run, text.error());
  if (!run.has(2) && !append) text = fmt::format("NIC=[\n{}]", join(split(*text, '\n'), ",\n"));
  NUBO_CHECK(run.call("updatenic", {id, run.id(1), *text, append ? 1 : 0}));
  run.done(id, "Updating VM NIC");
  return 0;
}

Result<int> save_disk(Run& run) {
  return print_id(
      run,
      run.call_for_id("disksaveas", {run.id(0), run.id(1), run.text(2), run.options.get("type"),
                                     run.options.number("snapshot", -1)}),
      "Image ID");
}

}  // namespace nubo::cli
