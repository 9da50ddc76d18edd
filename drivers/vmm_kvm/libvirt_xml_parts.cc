// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/libvirt_xml_parts.h"

#include <algorithm>
#include <cctype>

#include "base/numbers.h"

namespace nubo::kvm {
namespace {

enum Source : std::size_t { from_vm, from_host };

template <class Get>
std::string first_value(const std::vector<Template>& templates, Source first, Get get) {
  for (std::size_t i = first; i < templates.size(); ++i) {
    std::string value = get(templates[i]);
    if (!value.empty()) return value;
  }
  return {};
}

std::string vector_value(const Template& attributes, std::string_view name, std::string_view key) {
  for (const Vector* vector : attributes.vectors(name)) {
    if (!vector->get(key).empty()) return vector->get(key);
  }
  return {};
}

}  // namespace

Sources::Sources(const DomainRequest& request)
    : templates_{read_attributes(request.vm.child("TEMPLATE")),
                 read_attributes(request.host.child("TEMPLATE")),
                 read_attributes(request.cluster.child("TEMPLATE")), request.defaults} {}

std::string Sources::get(std::string_view name) const {
  return first_value(templates_, from_vm, [name](const Template& t) { return t.get(name); });
}

std::string Sources::get(std::string_view vector, std::string_view key) const {
  return first_value(templates_, from_vm,
                     [=](const Template& t) { return vector_value(t, vector, key); });
}

bool Sources::yes(std::string_view vector, std::string_view key) const {
  return parse_yes_no(get(vector, key)).value_or(false);
}

std::string Sources::site(std::string_view name) const {
  return first_value(templates_, from_host, [name](const Template& t) { return t.get(name); });
}

std::string Sources::site(std::string_view vector, std::string_view key) const {
  return first_value(templates_, from_host,
                     [=](const Template& t) { return vector_value(t, vector, key); });
}

Domain::Domain(const DomainRequest& asked)
    : request(asked),
      sources(asked),
      vm_id(parse_number<int>(asked.vm.get("ID")).value_or(-1)),
      vcpus(sources.get("VCPU")),
      io_threads(parse_number<int>(sources.get("FEATURES", "IOTHREADS")).value_or(0)),
      is_aarch64(sources.get("OS", "ARCH") == "aarch64"),
      datastore(read_attributes(asked.datastore.child("TEMPLATE"))) {
  const std::string machine = sources.get("OS", "MACHINE");
  is_pcie = machine.find("q35") != std::string::npos || machine.find("virt") != std::string::npos;
}

std::string Domain::file(std::string_view name) const {
  return fmt::format("{}/{}", request.system_dir, name);
}

std::string Domain::take_io_thread() {
  if (io_threads <= 0) return {};
  const int thread = next_io_thread;
  next_io_thread = thread % io_threads + 1;
  return std::to_string(thread);
}

std::string Domain::queues(const std::string& value) const {
  return upper(value) == "AUTO" ? vcpus : value;
}

bool Domain::has_firmware_path() const {
  const std::string firmware = upper(sources.get("OS", "FIRMWARE"));
  return !firmware.empty() && firmware != "BIOS" && firmware != "UEFI";
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::toupper(c); });
  return result;
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace nubo::kvm
