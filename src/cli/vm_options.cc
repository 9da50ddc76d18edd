// SPDX-License-Identifier: Apache-2.0
#include "cli/vm_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "cli/shared_commands.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::array group{
    Option{"cpu", 0, Takes::number, "cpu", "CPU percentage reserved for the VM (1=100% one CPU)"},
    Option{"vcpu", 0, Takes::integer, "vcpu", "Number of virtualized CPUs"},
    Option{"arch", 0, Takes::text, "arch", "Architecture of the VM, e.g.: i386 or x86_64"},
    Option{"memory", 0, Takes::memory, "memory",
           "Memory amount given to the VM in MB, or with unit as 2g"},
    Option{"disk", 0, Takes::text, "image0,image1", "Disks to attach; user[image]:key=value…"},
    Option{"nic", 0, Takes::text, "network0,network1",
           "Networks to attach; user[network]:key=value…"},
    Option{"raw", 0, Takes::text, "string", "Raw string to add to the template"},
    Option{"vnc", 0, Takes::nothing, "", "Add VNC server to the VM"},
    Option{"vnc-password", 0, Takes::text, "password", "VNC password"},
    Option{"vnc-listen", 0, Takes::text, "ip", "VNC IP where to listen for connections"},
    Option{"vnc-keymap", 0, Takes::text, "keymap", "VNC keyboard layout"},
    Option{"spice", 0, Takes::nothing, "", "Add spice server to the VM"},
    Option{"spice-password", 0, Takes::text, "password", "spice password"},
    Option{"spice-listen", 0, Takes::text, "ip", "spice IP where to listen for connections"},
    Option{"spice-keymap", 0, Takes::text, "keymap", "spice keyboard layout"},
    Option{"ssh", 0, Takes::optional_text, "file",
           "Add an ssh public key to the context; without a file the user's own"},
    Option{"net_context", 0, Takes::nothing, "", "Add network contextualization parameters"},
    Option{"context", 0, Takes::text, "line1,line2", "Lines to add to the context section"},
    Option{"boot", 0, Takes::text, "device_list", "Boot order: disk0,nic0"},
    Option{"files_ds", 0, Takes::text, "file1,file2",
           "Files of the datastore to include in the context"},
    Option{"init", 0, Takes::text, "script1,script2", "Scripts to run inside the VM"},
    Option{"startscript", 0, Takes::text, "file", "Start script to be executed"},
    Option{"report_ready", 0, Takes::nothing, "", "Sends READY=YES to OneGate"},
    Option{"user-inputs", 0, Takes::text, "ui1=value,ui2=value",
           "Values of the user inputs when instantiating"},
    Option{"video", 0, Takes::text, "type", "Type of the video device"},
    Option{"video-iommu", 0, Takes::nothing, "", "Let the video device use the IOMMU"},
    Option{"video-ats", 0, Takes::nothing, "", "Let the video device use ATS"},
    Option{"video-vram", 0, Takes::memory, "size", "Video memory"},
    Option{"video-resolution", 0, Takes::text, "resolution", "Resolution as 1280x720"},
    Option{"as_gid", 0, Takes::integer, "gid", "Instantiate as another group"},
    Option{"as_uid", 0, Takes::integer, "uid", "Instantiate as another user"},
};

// Options that may stand beside a template text: the text is not made by them.
constexpr std::array harmless{"user-inputs", "as_gid", "as_uid"};

// "user[image]:size=2048:target=vdb" → lines of a DISK; nothing when brackets do not match.
std::optional<std::string> device_text(const std::string& item, const char* section,
                                       const char* object) {
  std::vector<std::string> parts = split(item, ':');
  std::vector<std::string> lines;
  std::string name = parts.front();
  const std::size_t open = name.find('[');
  if ((open == name.npos) != (name.find(']') == name.npos)) return {};
  if (open != name.npos) {
    if (name.back() != ']') return {};
    lines.push_back(fmt::format("  {}_UNAME={}", object, quoted(name.substr(0, open))));
    name = name.substr(open + 1, name.size() - open - 2);
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    if (equals == parts[i].npos) return {};
    lines.push_back(fmt::format("  {}={}", upper(parts[i].substr(0, equals)),
                                quoted(parts[i].substr(equals + 1))));
  }
  const bool digits = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
  const bool network = section == std::string_view("NIC");
  if (network && (name == "auto" || name == "dummy")) {
    lines.push_back(fmt::format("  NETWORK_MODE={}", quoted(name)));
  } else {
    lines.push_back(digits ? fmt::format("  {}_ID={}", object, name)
                           : fmt::format("  {}={}", object, quoted(name)));
  }
  return fmt::format("{}=[\n{}\n]\n", section, join(lines, ",\n"));
}

Result<std::string> devices_text(Run& run, const char* option, const char* section,
                                 const char* object) {
  std::string text;
  for (const std::string& item : split(run.options.get(option), ',')) {
    const std::optional<std::string> one = device_text(item, section, object);
    if (!one) {
      return fail(Code::api, "{} \"{}\" malformed",
                  section == std::string_view("NIC") ? "Network" : "Disk", item);
    }
    text += *one;
  }
  return text;
}

std::string os_text(const Options& options) {
  std::vector<std::string> lines;
  if (options.has("arch")) lines.push_back(fmt::format("  ARCH = {}", quoted(options.get("arch"))));
  if (options.has("boot")) lines.push_back(fmt::format("  BOOT = {}", quoted(options.get("boot"))));
  return lines.empty() ? "" : fmt::format("OS = [\n{} ]\n", join(lines, ",\n"));
}

std::string graphics_text(const Options& options, const std::string& type) {
  if (!options.has(type)) return "";
  std::vector<std::string> parts{
      fmt::format("TYPE={}", quoted(type)),
      fmt::format("LISTEN={}", quoted(options.find(type + "-listen").value_or("0.0.0.0")))};
  if (options.has(type + "-password"))
    parts.push_back(fmt::format("PASSWD={}", quoted(options.get(type + "-password"))));
  if (options.has(type + "-keymap"))
    parts.push_back(fmt::format("KEYMAP={}", quoted(options.get(type + "-keymap"))));
  return fmt::format("GRAPHICS=[ {} ]\n", join(parts, ", "));
}

std::string video_text(const Options& options) {
  if (!options.has("video")) return "";
  std::vector<std::string> parts{fmt::format("TYPE={}", quoted(options.get("video")))};
  if (options.has("video-iommu")) parts.push_back("IOMMU=\"YES\"");
  if (options.has("video-ats")) parts.push_back("ATS=\"YES\"");
  if (options.has("video-vram"))
    parts.push_back(fmt::format("VRAM=\"{}\"", 1024 * options.number("video-vram", 0)));
  parts.push_back(fmt::format("RESOLUTION={}", quoted(options.get("video-resolution"))));
  return fmt::format("VIDEO=[ {} ]\n", join(parts, ", "));
}

Result<std::string> stripped_file(Run& run, const std::string& path) {
  NUBO_TRY(const std::string text, run.shell.read_file(path));
  return strip(text);
}

Result<std::string> context_text(Run& run) {
  const Options& options = run.options;
  std::vector<std::string> lines;
  for (const std::string& item : split(options.get("context"), ',')) lines.push_back(" " + item);
  if (options.has("ssh")) {
    std::string key = "$USER[SSH_PUBLIC_KEY]";
    if (!options.get("ssh").empty()) {
      NUBO_TRY(key, stripped_file(run, options.get("ssh")));
    }
    lines.push_back(fmt::format("  SSH_PUBLIC_KEY={}", quoted(key)));
  }
  if (options.has("net_context")) lines.push_back("  NETWORK=\"YES\"");
  if (options.has("files_ds")) {
    std::vector<std::string> files;
    for (const std::string& file : split(options.get("files_ds"), ',')) {
      files.push_back(fmt::format("$FILE[IMAGE={}]", quoted(file)));
    }
    lines.push_back(fmt::format("  FILES_DS={}", quoted(join(files, " "))));
  }
  if (options.has("init"))
    lines.push_back(
        fmt::format("  INIT_SCRIPTS={}", quoted(join(split(options.get("init"), ','), " "))));
  if (options.has("startscript")) {
    NUBO_TRY(const std::string script, stripped_file(run, options.get("startscript")));
    lines.push_back(fmt::format("  START_SCRIPT_BASE64={}", quoted(base64_encode(script))));
  }
  if (options.has("report_ready")) lines.push_back("  REPORT_READY=\"YES\"");
  return lines.empty() ? std::string() : fmt::format("CONTEXT=[\n{}\n]\n", join(lines, ",\n"));
}

}  // namespace

OptionGroup vm_template_options() { return group; }

Result<std::string> vm_template_text(Run& run) {
  const Options& options = run.options;
  std::string text;
  if (options.has("name")) text += fmt::format("NAME={}\n", quoted(options.get("name")));
  text += os_text(options);
  if (options.has("cpu")) {
    text +=
        fmt::format("CPU={}\n", decimal_text(parse_number<double>(options.get("cpu")).value_or(0)));
  }
  if (options.has("vcpu")) text += fmt::format("VCPU={}\n", options.get("vcpu"));
  if (options.has("memory")) text += fmt::format("MEMORY={}\n", options.get("memory"));
  if (options.has("raw")) text += options.get("raw") + "\n";
  if (options.has("as_uid")) text += fmt::format("AS_UID={}\n", options.get("as_uid"));
  if (options.has("as_gid")) text += fmt::format("AS_GID={}\n", options.get("as_gid"));
  NUBO_TRY(const std::string disks, devices_text(run, "disk", "DISK", "IMAGE"));
  NUBO_TRY(const std::string nics, devices_text(run, "nic", "NIC", "NETWORK"));
  NUBO_TRY(const std::string context, context_text(run));
  return text + disks + nics + graphics_text(options, "vnc") + graphics_text(options, "spice") +
         video_text(options) + context;
}

Result<std::string> vm_template(Run& run, std::size_t file_argument) {
  std::vector<std::string> conflicts;
  for (const std::string& name : run.options.order()) {
    const bool builds = std::ranges::find(group, name, [](const Option& one) {
                          return std::string(one.name);
                        }) != group.end();
    if (builds && std::ranges::find(harmless, name) == harmless.end()) conflicts.push_back(name);
  }
  const std::optional<std::string> text = created_text(run, file_argument);
  if (!text) return vm_template_text(run);
  if (!conflicts.empty()) {
    return fail(Code::api,
                "You cannot pass template on STDIN and use template creation options, conflicting "
                "options: {}.",
                join(conflicts, ", "));
  }
  return *text;
}

}  // namespace nubo::cli
