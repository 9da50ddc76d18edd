// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/settings.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/numbers.h"
#include "vmm_kvm/default_config.h"

namespace nubo::kvm {
namespace {

// The program that libvirt starts instead of plain ssh: it stands beside ours and bounds waits.
std::string ssh_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "kvm_ssh").string();
}

std::string default_uri(const ssh::Settings& ssh) {
  std::string uri = fmt::format("qemu+ssh://{{user}}@{{node}}:{}/system?no_tty=1&command={}",
                                ssh.port, ssh_program());
  // libvirt takes one key file; with several OpenSSH's own configuration decides.
  if (ssh.keys.size() == 1) uri += "&keyfile=" + ssh.keys.front();
  return uri;
}

Result<Template> read_defaults(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(Code::internal, "DEFAULT: cannot read {}", path);
  std::stringstream text;
  text << file.rdbuf();
  auto defaults = parse_template(text.str());
  if (!defaults) return context(defaults.error(), "DEFAULT: " + path);
  return defaults;
}

// A file that is named must be there; the usual one may be; otherwise those that are built in.
Result<Template> defaults_of(const std::string& named) {
  const std::filesystem::path directory = "/etc/one";
  if (!named.empty()) return read_defaults(directory / named);
  const std::filesystem::path usual = directory / "vmm_exec/vmm_exec_kvm.conf";
  if (std::filesystem::exists(usual)) return read_defaults(usual);
  return parse_template(default_config);
}

class Reader {
 public:
  explicit Reader(const driver::Values& values) : values_(values) {}

  void text(const char* name, std::string& value) const {
    const auto found = values_.find(name);
    if (found != values_.end() && !found->second.empty()) value = found->second;
  }

  Status seconds(const char* name, Milliseconds& value) const {
    std::string words;
    text(name, words);
    if (words.empty()) return ok();
    const auto number = parse_number<int>(words);
    if (!number || *number < 1) return fail(Code::internal, "{} is not a number from 1", name);
    value = std::chrono::seconds(*number);
    return ok();
  }

  Status yes_no(const char* name, bool& value) const {
    std::string words;
    text(name, words);
    if (words.empty()) return ok();
    const auto answer = parse_yes_no(words);
    if (!answer) return fail(Code::internal, "{} is neither yes nor no", name);
    value = *answer;
    return ok();
  }

 private:
  const driver::Values& values_;
};

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), with);
    at += with.size();
  }
}

std::string for_node(std::string pattern, const Settings& settings, const std::string& node) {
  replace_all(pattern, "{user}", settings.ssh.user);
  replace_all(pattern, "{node}", node);
  return pattern;
}

}  // namespace

Result<Settings> settings_from(const driver::Values& values) {
  Settings settings;
  const Reader reader(values);
  NUBO_TRY(settings.ssh, ssh::settings_from(values));
  reader.text("TYPE", settings.hypervisor);
  reader.text("LIBVIRT_URI", settings.uri);
  reader.text("MIGRATE_URI", settings.migrate_uri);
  reader.text("VERSION", settings.version);
  NUBO_CHECK(reader.seconds("SHUTDOWN_TIMEOUT", settings.shutdown_timeout));
  NUBO_CHECK(reader.yes_no("FORCE_DESTROY", settings.force_destroy));
  NUBO_CHECK(reader.seconds("HOST_TIMEOUT", settings.host_timeout));
  std::string defaults;
  reader.text("DEFAULT", defaults);
  NUBO_TRY(settings.defaults, defaults_of(defaults));
  if (settings.hypervisor != "kvm" && settings.hypervisor != "qemu") {
    return fail(Code::internal, "TYPE is {}: kvm and qemu are known", settings.hypervisor);
  }
  if (settings.uri.empty()) settings.uri = default_uri(settings.ssh);
  return settings;
}

std::string uri_of(const Settings& settings, const std::string& node) {
  return for_node(settings.uri, settings, node);
}

std::string migrate_uri_of(const Settings& settings, const std::string& node) {
  return for_node(settings.migrate_uri, settings, node);
}

}  // namespace nubo::kvm
