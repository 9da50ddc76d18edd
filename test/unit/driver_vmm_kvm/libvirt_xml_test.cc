// SPDX-License-Identifier: Apache-2.0
// The domain XML of real VM documents, compared element by element with what OpenNebula 7.4 made of
// them (test/data/deployment). Known differences are listed in differences().
#include "vmm_kvm/libvirt_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nubo::kvm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string data(const std::string& name) { return read(NUBO_TEST_DATA "/deployment/" + name); }

Template shipped_defaults() {
  Template defaults = *parse_template(read(NUBO_SOURCE_DIR "/share/etc/vmm_exec_kvm.conf"));
  defaults.set("EMULATOR", "/usr/bin/qemu-kvm-one");
  return defaults;
}

XmlDocument document(const std::string& text) { return std::move(*XmlDocument::parse(text)); }

struct Made {
  std::string text;
  std::vector<std::string> warnings;
};

Made make(const XmlNode& vm, const Template& defaults) {
  const XmlNode history = vm.child("HISTORY_RECORDS").child("HISTORY");
  const std::string host_name = history.get("HOSTNAME");
  const XmlDocument host = document(data("host-" + host_name + ".xml"));
  const auto made = domain_xml(
      {.vm = vm,
       .host = host.root(),
       .cluster = {},
       .datastore = {},
       .defaults = defaults,
       .system_dir = "/var/lib/one/datastores/" + history.get("DS_ID") + "/" + vm.get("ID"),
       .hypervisor = "kvm",
       .version = "7.4.0",
       .now = EpochSeconds(0)});
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made ? Made{made->text, made->warnings} : Made{};
}

std::string trimmed(std::string text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  text.erase(text.begin(), std::ranges::find_if_not(text, is_blank));
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  return text;
}

// One line an element: its path, sorted attributes and text; in document order.
void flatten(const XmlNode& node, const std::string& path, std::vector<std::string>& lines) {
  auto attributes = node.attributes();
  std::ranges::sort(attributes);
  std::string line = path + "/" + std::string(node.name());
  const std::string own_path = line;
  for (const auto& [name, value] : attributes) line += " " + name + "='" + value + "'";
  lines.push_back(line + " " + trimmed(node.text()));
  for (const XmlNode& child : node.children()) flatten(child, own_path, lines);
}

std::vector<std::string> elements_of(const std::string& xml) {
  std::vector<std::string> lines;
  flatten(document(xml).root(), "", lines);
  return lines;
}

void mask_line(std::vector<std::string>& lines, std::string_view prefix) {
  std::erase_if(lines, [prefix](const std::string& line) { return line.starts_with(prefix); });
}

class DeploymentSample : public testing::TestWithParam<std::string> {};

TEST_P(DeploymentSample, BecomesTheSameDomain) {
  const XmlDocument vm = document(data(GetParam() + ".vm.xml"));
  const Template defaults = shipped_defaults();
  const Made made = make(vm.root(), defaults);
  std::vector<std::string> actual = elements_of(made.text);
  std::vector<std::string> expected = elements_of(data(GetParam() + ".deployment.xml"));
  for (auto* lines : {&actual, &expected}) {
    mask_line(*lines, "/domain/metadata/one:vm/one:deployment_time");
    if (GetParam() != "sev") continue;
    // 7.4 writes these in hexadecimal by mistake.
    mask_line(*lines, "/domain/memtune/hard_limit");
    mask_line(*lines, "/domain/metadata/one:vm/one:stime");
  }
  EXPECT_EQ(actual, expected);
  EXPECT_THAT(made.warnings, IsEmpty());
}

std::vector<std::string> sample_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(NUBO_TEST_DATA "/deployment")) {
    const std::string file = entry.path().filename();
    const std::size_t at = file.find(".vm.xml");
    if (at != std::string::npos) names.push_back(file.substr(0, at));
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Shipped, DeploymentSample, testing::ValuesIn(sample_names()),
                         [](const testing::TestParamInfo<std::string>& sample) {
                           std::string name = sample.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// --- what the samples do not show --------------------------------------------------------------

std::string a_vm(const std::string& attributes) {
  return "<VM><ID>5</ID><UID>0</UID><GID>0</GID><UNAME>u</UNAME><GNAME>g</GNAME><NAME>n</NAME>"
         "<STIME>1</STIME><TEMPLATE><CPU>0.5</CPU><MEMORY>512</MEMORY>" +
         attributes + "</TEMPLATE></VM>";
}

struct Site {
  std::string host = "<HOST><TEMPLATE/></HOST>";
  std::string cluster = "<CLUSTER><TEMPLATE/></CLUSTER>";
  std::string datastore = "<DATASTORE><TEMPLATE/></DATASTORE>";
  std::string defaults = "OS=[ARCH=x86_64,MACHINE=q35]";
  std::string hypervisor = "qemu";
};

Result<DomainXml> domain_of(const std::string& attributes, const Site& site = {}) {
  const XmlDocument vm = document(a_vm(attributes));
  const XmlDocument host = document(site.host);
  const XmlDocument cluster = document(site.cluster);
  const XmlDocument datastore = document(site.datastore);
  const Template defaults = *parse_template(site.defaults);
  return domain_xml({.vm = vm.root(),
                     .host = host.root(),
                     .cluster = cluster.root(),
                     .datastore = datastore.root(),
                     .defaults = defaults,
                     .system_dir = "/ds/0/5",
                     .hypervisor = site.hypervisor,
                     .version = "1",
                     .now = EpochSeconds(7)});
}

TEST(DomainXml, HasTheHypervisorAsTypeAndLeavesTheEmulatorToLibvirt) {
  const auto made = domain_of("");
  ASSERT_TRUE(made);
  EXPECT_THAT(made->text, HasSubstr("<domain type='qemu'"));
  EXPECT_THAT(made->text, Not(HasSubstr("<emulator>")));
}

TEST(DomainXml, CountsSharesInCgroups1UnitsUnlessTheHostSaysCgroups2) {
  EXPECT_THAT(domain_of("")->text, HasSubstr("<shares>512</shares>"));
  const Site site{.host = "<HOST><TEMPLATE><CGROUPS_VERSION>2</CGROUPS_VERSION></TEMPLATE></HOST>"};
  EXPECT_THAT(domain_of("", site)->text, HasSubstr("<shares>50</shares>"));
}

TEST(DomainXml, FailsWithoutAnArchitecture) {
  const auto made = domain_of("", {.defaults = "EMULATOR=x"});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("VM 5: OS/ARCH"));
}

TEST(DomainXml, RefusesFirmwareThatTheSiteDoesNotList) {
  const Site site{.defaults = "OS=[ARCH=x86_64,MACHINE=q35]\nOVMF_UEFIS=\"/a.fd /b.fd\""};
  EXPECT_TRUE(domain_of("<OS><FIRMWARE>/b.fd</FIRMWARE></OS>", site));
  EXPECT_FALSE(domain_of("<OS><FIRMWARE>/c.fd</FIRMWARE></OS>", site));
}

TEST(DomainXml, EscapesWhatUsersWrite) {
  const auto made = domain_of("<NIC><BRIDGE>a'&lt;b</BRIDGE></NIC>");
  EXPECT_THAT(made->text, HasSubstr("<source bridge='a&apos;&lt;b'/>"));
}

TEST(DomainXml, PrefersTheClustersProcessorModel) {
  const Site site{.cluster =
                      "<CLUSTER><TEMPLATE><EVC_MODE>Nehalem</EVC_MODE></TEMPLATE></CLUSTER>"};
  const auto made = domain_of("<CPU_MODEL><MODEL>host-passthrough</MODEL></CPU_MODEL>", site);
  EXPECT_THAT(made->text, HasSubstr(">Nehalem</model>"));
}

TEST(DomainXml, GivesVolatileDisksTheTypeOfTheSystemDatastore) {
  const Site site{.datastore =
                      "<DATASTORE><TEMPLATE><DISK_TYPE>BLOCK</DISK_TYPE></TEMPLATE></DATASTORE>"};
  const auto made =
      domain_of("<DISK><DISK_ID>1</DISK_ID><TYPE>fs</TYPE><TARGET>vda</TARGET></DISK>", site);
  EXPECT_THAT(made->text, HasSubstr("<source dev='/ds/0/5/disk.1'/>"));
}

TEST(DomainXml, WritesABurstLimitOnlyAboveItsBase) {
  const auto made = domain_of(
      "<DISK><DISK_ID>0</DISK_ID><TARGET>vda</TARGET><READ_BYTES_SEC>10</READ_BYTES_SEC>"
      "<READ_BYTES_SEC_MAX>10</READ_BYTES_SEC_MAX>"
      "<READ_BYTES_SEC_MAX_LENGTH>3</READ_BYTES_SEC_MAX_LENGTH></DISK>");
  EXPECT_THAT(made->text, HasSubstr("<read_bytes_sec>10</read_bytes_sec>"));
  EXPECT_THAT(made->text, Not(HasSubstr("_max")));
}

TEST(DomainXml, AsksForVhostOnlyForSeveralQueues) {
  const std::string nic = "<NIC><BRIDGE>br0</BRIDGE><MODEL>virtio</MODEL></NIC>";
  const Site site{.defaults = "OS=[ARCH=x86_64,MACHINE=q35]\nNIC=[VIRTIO_QUEUES=auto]"};
  EXPECT_THAT(domain_of("<VCPU>1</VCPU>" + nic, site)->text, Not(HasSubstr("vhost")));
  EXPECT_THAT(domain_of("<VCPU>4</VCPU>" + nic, site)->text,
              HasSubstr("<driver name='vhost' queues='4'/>"));
}

TEST(DomainXml, SaysWhatItLeftOut) {
  const auto made = domain_of(
      "<GRAPHICS><TYPE>sdl</TYPE></GRAPHICS><PCI><PCI_ID>0</PCI_ID></PCI>"
      "<MEMORY_ENCRYPTION><TYPE>TDX</TYPE></MEMORY_ENCRYPTION>");
  EXPECT_THAT(made->warnings,
              ElementsAre(HasSubstr("sdl"), HasSubstr("PCI device 0"), HasSubstr("TDX")));
}

TEST(DomainXml, KeepsNumbersDecimalUnderMemoryEncryption) {
  const auto made = domain_of("<MEMORY_ENCRYPTION><TYPE>SEV</TYPE></MEMORY_ENCRYPTION>");
  EXPECT_THAT(made->text, HasSubstr("<hard_limit unit='MiB'>768</hard_limit>"));
  EXPECT_THAT(made->text, HasSubstr("<one:deployment_time>7</one:deployment_time>"));
}

}  // namespace
}  // namespace nubo::kvm
