// SPDX-License-Identifier: Apache-2.0
#include "flow/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "flow/variables.h"
#include "unit/flow/sample.h"

namespace nubo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

VirtualNetwork network(int id, const char* attributes, const char* range = "AR=[AR_ID=0]") {
  VirtualNetwork network;
  network.id = {id};
  network.attributes = *parse_template(attributes);
  network.address_ranges.ranges = {{.attributes = *parse_template(range)->vector("AR")}};
  return network;
}

Image file(int id, const char* name, ImageType kind = ImageType::context) {
  Image image;
  image.id = {id};
  image.uid = {0};
  image.name = name;
  image.kind = kind;
  image.state = ImageState::ready;
  image.source = fmt::format("/var/lib/one/datastores/2/img{}", id);
  return image;
}

/// The networks, files and users of the samples, as far as context values come from them.
Snapshot world() {
  Snapshot world;
  put(world, network(0,
                     "NETWORK_MASK=255.255.255.0 NETWORK_ADDRESS=192.168.150.0 GUEST_MTU=1500 "
                     "SEARCH_DOMAIN=example.org GATEWAY=192.168.150.1"));
  put(world, network(2, ""));
  put(world, network(4, "", "AR=[AR_ID=0,PREFIX_LENGTH=64]"));
  put(world, file(16, "ctxfile"));
  put(world, file(17, "boot", ImageType::kernel));
  User user;
  user.id = {0};
  user.name = "oneadmin";
  user.attributes = *parse_template("SSH_PUBLIC_KEY=\"ssh-rsa AAAAB3Nza oneadmin@front\"");
  put(world, user);
  user.id = {2};
  user.name = "somebody";
  put(world, user);
  return world;
}

/// The VM of a sample with the CONTEXT that its user gave.
Vm vm_given(const char* sample, std::string_view context) {
  Vm vm = sample_vm(sample);
  Vector given = *parse_template(context)->vector("CONTEXT");
  for (const char* key : {"DISK_ID", "TARGET"})
    given.set(key, vm.system.vector("CONTEXT")->get(key));
  vm.system.set("CONTEXT", given);
  return vm;
}

std::string substituted(std::string_view text) {
  const Result<std::string> result = substitute_variables(text, sample_vm("nics"), world());
  return result ? *result : result.error().message;
}

TEST(Variables, AreReplacedByAttributesOfTheVm) {
  EXPECT_EQ(substituted(""), "");
  EXPECT_EQ(substituted("no variable"), "no variable");
  EXPECT_EQ(substituted("$NAME"), "nics");
  EXPECT_EQ(substituted("a-$name-$UID.$UNAME:$GID$GNAME"), "a-nics-0.oneadmin:0oneadmin");
  EXPECT_EQ(substituted("$MEMORY"), "1024");
  EXPECT_EQ(substituted("<$NOT_THERE>"), "<>");
  EXPECT_THAT(base64_decode(substituted("$TEMPLATE")), HasSubstr("<NAME>nics</NAME>"));
}

TEST(Variables, PickVectorsBySelector) {
  EXPECT_EQ(substituted("$NIC[IP]"), "192.168.150.100");
  EXPECT_EQ(substituted("$NIC[IP, NETWORK=\"fw\"]"), "10.0.0.10");
  EXPECT_EQ(substituted("$nic[ ip , nic_id = 1 ]"), "10.0.0.10");
  EXPECT_EQ(substituted("$NIC[IP, NIC_ID=77]"), "");
  EXPECT_EQ(substituted("$NOT_THERE[X]"), "");
}

TEST(Variables, ReachTheNetworksAndTheOwner) {
  EXPECT_EQ(substituted("$NETWORK[NETWORK_MASK, NETWORK=\"br\"]"), "255.255.255.0");
  EXPECT_EQ(substituted("$NETWORK[PREFIX_LENGTH, NETWORK_ID=4]"), "64");
  EXPECT_THAT(base64_decode(substituted("$NETWORK[TEMPLATE, NIC_ID=0]")), HasSubstr("<VNET>"));
  EXPECT_EQ(substituted("$USER[SSH_PUBLIC_KEY]"), "ssh-rsa AAAAB3Nza oneadmin@front");
  EXPECT_EQ(substituted("$NETWORK[GATEWAY, NETWORK=\"other\"]"),
            "Error parsing: $NETWORK[GATEWAY, NETWORK=\"other\"]. The VM uses no such network");
}

TEST(Variables, LeaveWhatNamesNone) {
  EXPECT_EQ(substituted(R"(a\$NAME)"), R"(a\$NAME)");
  EXPECT_EQ(substituted("$(date) ${HOME} $1 5$ $"), "$(date) ${HOME} $1 5$ $");
}

TEST(Variables, SayWhereTheMistakeIs) {
  EXPECT_EQ(substituted("$$"), "Error parsing: $$. Syntax error at position 1");
  EXPECT_EQ(substituted("$NIC["), "Error parsing: $NIC[. Syntax error at position 6");
  EXPECT_EQ(substituted("$NIC[IP"), "Error parsing: $NIC[IP. Syntax error at position 8");
  EXPECT_EQ(substituted("$NIC[IP, A=\"x]"),
            "Error parsing: $NIC[IP, A=\"x]. Syntax error at position 12");
  EXPECT_EQ(substituted("$NIC[A=1]"), "Error parsing: $NIC[A=1]. NIC lacks a key");
  EXPECT_EQ(substituted("$FILE[IMAGE_ID=16]"),
            "Error parsing: $FILE[IMAGE_ID=16]. FILE names no value");
}

std::vector<std::string> files_in(std::string_view text) {
  const auto files = named_files(text, ImageType::context, sample_vm("nics"), world());
  if (!files) return {files.error().message};
  std::vector<std::string> names;
  for (const Ptr<Image>& each : *files) names.push_back(each->name);
  return names;
}

TEST(NamedFiles, AreFoundByIdOrNameAndOwner) {
  EXPECT_THAT(files_in("$FILE[IMAGE_ID=16] $FILE[IMAGE=ctxfile]"),
              ElementsAre("ctxfile", "ctxfile"));
  EXPECT_THAT(files_in("$FILE[IMAGE=\"ctxfile\", IMAGE_UNAME=\"oneadmin\"]"),
              ElementsAre("ctxfile"));
  EXPECT_THAT(files_in(""), ElementsAre());
}

TEST(NamedFiles, AreRefusedWhenMissingOrOfAnotherType) {
  EXPECT_THAT(files_in("$FILE[IMAGE=nosuch]"),
              ElementsAre("Error parsing: $FILE[IMAGE=nosuch]. User 0 does not own an image with "
                          "name: nosuch . Set IMAGE_UNAME or IMAGE_UID of owner."));
  EXPECT_THAT(files_in("$FILE[IMAGE_ID=99]"),
              ElementsAre("Error parsing: $FILE[IMAGE_ID=99]. There is no image 99"));
  EXPECT_THAT(files_in("$FILE[IMAGE_ID=17]"),
              ElementsAre("Error parsing: $FILE[IMAGE_ID=17]. Image boot has another type"));
}

TEST(NamedFiles, AreRefusedToWhoMayNotUseThem) {
  Vm vm = sample_vm("nics");
  vm.uid = {2};
  const auto files = named_files("$FILE[IMAGE_ID=16]", ImageType::context, vm, world());
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("Not authorized"));
}

class Context : public ::testing::Test {
 protected:
  Draft draft_{world(), no_ids_given, EpochSeconds(0)};
};

TEST_F(Context, HoldsTheValuesOfNicsAsOnedMakesThem) {
  Vm vm = vm_given("nics", "CONTEXT=[NETWORK=YES,SSH_PUBLIC_KEY=\"ssh-rsa AAAA o'key\"]");
  ASSERT_TRUE(set_context(draft_, vm));
  EXPECT_EQ(context_file(vm), sample_text("context/nics.context"));
}

TEST_F(Context, HoldsTheValuesOfPciDevicesAsOnedMakesThem) {
  Vm vm = vm_given("numa-pinned-pci", "CONTEXT=[NETWORK=YES]");
  ASSERT_TRUE(set_context(draft_, vm));
  EXPECT_EQ(context_file(vm), sample_text("context/numa-pinned-pci.context"));
}

TEST_F(Context, HoldsTheMountsOfSharedDirectories) {
  Vm vm = vm_given("disks-iscsi-dev-virtiofs", "CONTEXT=[NETWORK=NO]");
  ASSERT_TRUE(set_context(draft_, vm));
  EXPECT_EQ(context_file(vm), sample_text("context/disks-iscsi-dev-virtiofs.context"));
}

TEST_F(Context, SubstitutesVariablesAndFiles) {
  Vm vm = vm_given("uefi-vtpm", R"(CONTEXT=[SET_HOSTNAME="$NAME",FILES_DS="$FILE[IMAGE_ID=16]",
    GW="$NETWORK[GATEWAY, NETWORK=\"br\"]",LIT="a\$b"])");
  ASSERT_TRUE(set_context(draft_, vm));
  const Vector& context = *vm.system.vector("CONTEXT");
  EXPECT_EQ(context.get("SET_HOSTNAME"), "uefi-vtpm");
  EXPECT_EQ(context.get("FILES_DS"), "/var/lib/one/datastores/2/img16:'ctxfile' ");
  EXPECT_EQ(context.get("GW"), "192.168.150.1");
  EXPECT_EQ(context.get("LIT"), "a\\$b");
  EXPECT_FALSE(context.contains("ETH0_IP"));
}

TEST_F(Context, WaitsForTheNetworkOfAnAutomaticNic) {
  Vm vm;
  vm.system = *parse_template("NIC=[NIC_ID=0,NETWORK_MODE=auto]\nCONTEXT=[NETWORK=YES]");
  ASSERT_TRUE(set_context(draft_, vm));
  EXPECT_EQ(*vm.system.vector("CONTEXT"), (Vector{{"NETWORK", "YES"}}));
  vm.system.vector("NIC")->set("NETWORK_ID", "0");
  set_device_context(draft_.view(), vm);
  EXPECT_EQ(vm.system.vector("CONTEXT")->get("ETH0_GATEWAY"), "192.168.150.1");
}

TEST_F(Context, IsNothingWithoutTheAttribute) {
  Vm vm;
  EXPECT_TRUE(set_context(draft_, vm));
  EXPECT_TRUE(vm.system.empty());
  EXPECT_EQ(context_file(vm), "");
}

TEST_F(Context, RefusesATokenWithoutOneGate) {
  Vm vm = vm_given("nics", "CONTEXT=[TOKEN=YES]");
  EXPECT_EQ(set_context(draft_, vm).error().code, Code::internal);
}

TEST(ContextFiles, AreThoseOfBothAttributes) {
  Vm vm;
  EXPECT_EQ(context_files(vm), "");
  vm.system = *parse_template("CONTEXT=[FILES=\"/a /b\",FILES_DS=\"/ds/img1:'c'\"]");
  EXPECT_EQ(context_files(vm), "/a /b /ds/img1:'c'");
  vm.system.vector("CONTEXT")->erase("FILES");
  EXPECT_EQ(context_files(vm), "/ds/img1:'c'");
}

TEST(ContextFile, IsThatOfOned) {
  for (const char* name : {"disks-ceph", "disks-iscsi-dev-virtiofs", "disks-q35-sata", "disks-ssh",
                           "nics", "numa-pinned-pci", "pci-pc", "pci-q35", "uefi-vtpm"}) {
    Vm vm = sample_vm(name);
    Vector* context = vm.system.vector("CONTEXT");
    if (context->contains("PASSWORD"))
      context->set("PASSWORD", "secret");  // encrypted in the document
    EXPECT_EQ(context_file(vm), sample_text(std::string("context/") + name + ".context")) << name;
  }
}

}  // namespace
}  // namespace nubo
