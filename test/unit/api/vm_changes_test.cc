// SPDX-License-Identifier: Apache-2.0
// The calls that change VMs where they are: their words, rights, and what they leave in documents.
#include "api_fixture.h"

namespace nubo::test {
namespace {

class VmChangesTest : public ApiTest {
 protected:
  VmChangesTest() {
    vm_settings.hypervisors = {"dummy"};
    host = id_of(call("one.host.allocate", {"node", "dummy", "dummy", -1}));
    vm = id_of(call("one.vm.allocate", {"NAME=a\nCPU=1\nMEMORY=64\nDISK=[TYPE=fs,SIZE=10]\n"
                                        "CONTEXT=[A=1]",
                                        true}));
  }

  /// As if it had been deployed and its drivers had done their part.
  void put(VmState state, LcmState lcm = LcmState::lcm_init) {
    EXPECT_TRUE(writer->apply_now(Change("test", [&](Draft& draft) -> Status {
      NUBO_TRY(Vm* const machine, draft.edit<Vm>(VmId{vm}));
      machine->set_states({state, lcm});
      if (machine->current()) return ok();
      machine->history.list.push_back(History{.vm = VmId{vm},
                                              .hostname = "node",
                                              .host_id = HostId{host},
                                              .cluster_id = ClusterId{0},
                                              .vm_mad = "dummy",
                                              .tm_mad = "local",
                                              .datastore_id = DatastoreId{0}});
      return ok();
    })));
  }

  std::string refusal(const std::string& method, std::vector<api::Value> params) {
    return text_of(call(method, std::move(params)));
  }

  std::string document() { return text_of(call("one.vm.info", {vm})); }

  int host = -1;
  int vm = -1;
};

TEST_F(VmChangesTest, AttachSaysWhatStandsInTheWay) {
  EXPECT_EQ(refusal("one.vm.attach", {vm, "X=1"}),
            "[one.vm.attach] Internal error parsing DISK attribute");
  EXPECT_EQ(refusal("one.vm.attach", {vm, "DISK=[TYPE=fs,SIZE=1]"}),
            "[one.vm.attach] VM is not running in any host");
  put(VmState::suspended);
  EXPECT_EQ(refusal("one.vm.attach", {vm, "DISK=[TYPE=fs,SIZE=1]"}),
            "[one.vm.attach] Could not attach a new disk to VM 0, wrong state SUSPENDED.");
  EXPECT_EQ(refusal("one.vm.detach", {vm, 7}), "[one.vm.detach] VM disk does not exist");
  put(VmState::poweroff);
  EXPECT_EQ(refusal("one.vm.attach", {vm, "DISK=[IMAGE_ID=99]"}),
            "[one.vm.attach] Image with ID: 99 does not exist");
  EXPECT_EQ(refusal("one.vm.attach", {vm, "DISK=[TYPE=fs,SIZE=1,TARGET=sda]"}),
            "[one.vm.attach] Target sda is already in use.");
  EXPECT_EQ(id_of(call("one.vm.attach", {vm, "DISK=[TYPE=fs,SIZE=1]"})), vm);
  EXPECT_NE(document().find("<LCM_STATE>33</LCM_STATE>"), std::string::npos);
}

TEST_F(VmChangesTest, StrangersMayChangeNothing) {
  new_user("eve");
  put(VmState::poweroff);
  session = "eve:pw";
  const std::string denied = "User [2] : Not authorized to perform MANAGE VM [0].";
  for (const auto& [method, params] : std::vector<std::pair<std::string, std::vector<api::Value>>>{
           {"one.vm.attach", {vm, "DISK=[TYPE=fs,SIZE=1]"}},
           {"one.vm.detach", {vm, 0}},
           {"one.vm.attachnic", {vm, "NIC=[X=1]"}},
           {"one.vm.detachnic", {vm, 0}},
           {"one.vm.diskresize", {vm, 0, "20"}},
           {"one.vm.disksnapshotcreate", {vm, 0, "s"}},
           {"one.vm.snapshotcreate", {vm, "s"}},
           {"one.vm.resize", {vm, "CPU=2", true}},
           {"one.vm.updateconf", {vm, "CONTEXT=[B=2]", 1}},
           {"one.vm.exec", {vm, "ls", ""}}}) {
    EXPECT_EQ(refusal(method, params), "[" + method + "] " + denied);
  }
}

TEST_F(VmChangesTest, ConfigurationTakesWhatItKnows) {
  EXPECT_EQ(
      id_of(call("one.vm.updateconf", {vm, "OS=[ARCH=i686,BOGUS=1]\nCONTEXT=[B=\"$NAME\"]", 1})),
      vm);
  std::string text = document();
  EXPECT_EQ(text.find("BOGUS"), std::string::npos);
  EXPECT_NE(text.find("<A><![CDATA[1]]></A><B><![CDATA[a]]></B>"), std::string::npos);
  EXPECT_EQ(refusal("one.vm.updateconf", {vm, "VIDEO=[TYPE=vga,VRAM=abc]", 1}),
            "[one.vm.updateconf] Invalid VRAM value in VIDEO attribute, must be >= 1024");
  EXPECT_EQ(refusal("one.vm.updateconf", {vm, "OS=[BOOT=\"disk7\"]", 1}),
            "[one.vm.updateconf] Wrong OS/BOOT value. Device with DISK_ID 7 not found");
  EXPECT_EQ(refusal("one.vm.updateconf", {vm, "", 3}), "[one.vm.updateconf] Wrong update type");
  put(VmState::suspended);
  EXPECT_EQ(refusal("one.vm.updateconf", {vm, "CONTEXT=[B=2]", 1}),
            "[one.vm.updateconf] configuration cannot be updated in state SUSPENDED");
}

TEST_F(VmChangesTest, ResizeKeepsWhatIsNotGiven) {
  EXPECT_EQ(id_of(call("one.vm.resize", {vm, "CPU=2\nMEMORY=0", true})), vm);
  EXPECT_NE(document().find("<CPU><![CDATA[2]]></CPU>"), std::string::npos);
  EXPECT_NE(document().find("<MEMORY><![CDATA[64]]></MEMORY>"), std::string::npos);
  EXPECT_EQ(refusal("one.vm.resize", {vm, "VCPU=-1", true}),
            "[one.vm.resize] VCPU must be a positive integer value.");
  put(VmState::active, LcmState::running);
  EXPECT_EQ(refusal("one.vm.resize", {vm, "MEMORY=128", true}),
            "[one.vm.resize] Hotplug resize not supported by driver dummy");
}

TEST_F(VmChangesTest, BackupsAreNotPromised) {
  put(VmState::poweroff);
  EXPECT_EQ(refusal("one.vm.backup", {vm, 1, false}),
            "[one.vm.backup] Datastore needs to be of type BACKUP");
  EXPECT_EQ(code_of(call("one.vm.backupcancel", {vm})), Code::internal);
}

}  // namespace
}  // namespace nubo::test
