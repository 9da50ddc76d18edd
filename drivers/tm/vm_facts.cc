// SPDX-License-Identifier: Apache-2.0
#include "tm/vm_facts.h"

#include <algorithm>

#include "base/numbers.h"
#include "text/xml_reader.h"

namespace nubo::tm {

namespace {

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool is_word(const std::string& text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

DiskFacts facts_of(const XmlNode& disk) {
  DiskFacts facts;
  for (const char* key : {"FORMAT", "DRIVER"}) {
    const std::string format = lower_case(disk.get(key));
    if (format.empty() || !is_word(format)) continue;
    facts.format = format;
    break;
  }
  facts.file_system = lower_case(disk.get("FS"));
  const auto size = parse_number<long>(disk.get("SIZE"));
  const auto original = parse_number<long>(disk.get("ORIGINAL_SIZE"));
  if (size && original && *size > *original) facts.grow_to_mb = std::to_string(*size);
  return facts;
}

}  // namespace

Result<VmFacts> VmFacts::parse(const std::string& document) {
  VmFacts facts;
  if (document.empty()) return facts;
  NUBO_TRY(const XmlDocument xml, XmlDocument::parse(document));
  facts.lcm_state = parse_number<int>(xml.root().get("LCM_STATE")).value_or(0);
  for (const XmlNode& disk : xml.root().child("TEMPLATE").children("DISK")) {
    facts.disks[parse_number<int>(disk.get("DISK_ID")).value_or(-1)] = facts_of(disk);
    if (const std::string tm = disk.get("TM_MAD"); !tm.empty()) facts.disk_tms.insert(tm);
  }
  return facts;
}

DiskFacts VmFacts::disk(int id) const {
  const auto found = disks.find(id);
  return found == disks.end() ? DiskFacts{} : found->second;
}

}  // namespace nubo::tm
