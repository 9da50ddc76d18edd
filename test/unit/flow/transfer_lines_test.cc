// SPDX-License-Identifier: Apache-2.0
#include "flow/transfer_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/flow/sample.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;

const TransferSites sites{.front_end = "frontend",
                          .datastore_location = "/var/lib/one/datastores",
                          .vm_location = "/var/lib/one/vms"};

History stay(const char* host, int sequence) {
  History record{.vm = {667}, .sequence = sequence, .hostname = host};
  record.tm_mad = "ssh";
  record.datastore_id = {100};
  return record;
}

/// VM 667 of life-ssh.txt: a clone, a persistent image, a volatile disk, one attached later.
Vm a_vm() {
  Vm vm;
  vm.id = {667};
  vm.system = *parse_template(R"(
    DISK=[DISK_ID=0,IMAGE_ID=0,SOURCE="/var/lib/one/datastores/104/img0",TM_MAD=ssh,CLONE=YES,
          SAVE=NO,DATASTORE_ID=104,TYPE=FILE]
    DISK=[DISK_ID=1,IMAGE_ID=61,SOURCE="/var/lib/one/datastores/104/img61n",TM_MAD=ssh,CLONE=NO,
          SAVE=YES,DATASTORE_ID=104,TYPE=FILE]
    DISK=[DISK_ID=2,TYPE=fs,SIZE=64,FORMAT=raw]
    DISK=[DISK_ID=4,IMAGE_ID=0,SOURCE="/var/lib/one/datastores/104/img0",TM_MAD=ssh,CLONE=YES,
          SAVE=NO,DATASTORE_ID=104,TYPE=FILE,TM_MAD_SYSTEM=ssh]
    CONTEXT=[DISK_ID=3]
  )");
  vm.history.list = {stay("kvm03", 9), stay("kvm02", 10)};
  return vm;
}

std::string lines_of(const Vm& vm, VmOperation operation) {
  const Result<std::string> lines = transfer_lines(vm, {operation}, sites);
  return lines ? *lines : "error: " + lines.error().message;
}

TEST(TransferLines, PrologsAreThoseOfOned) {
  for (const char* name : {"disks-ceph", "disks-file", "disks-iscsi-dev-virtiofs",
                           "disks-sharedimg-on-ssh", "disks-ssh"}) {
    EXPECT_EQ(lines_of(sample_vm(name), VmOperation::tm_prolog),
              sample_text(std::string("transfer/") + name + ".prolog"))
        << name;
  }
}

TEST(TransferLines, MoveDisksThenTheDirectoryBetweenHosts) {
  EXPECT_EQ(lines_of(a_vm(), VmOperation::tm_prolog_migrate),
            "MV ssh kvm03:/var/lib/one/datastores/100/667/disk.0 "
            "kvm02:/var/lib/one/datastores/100/667/disk.0 667 104\n"
            "MV ssh kvm03:/var/lib/one/datastores/100/667/disk.1 "
            "kvm02:/var/lib/one/datastores/100/667/disk.1 667 104\n"
            "MV ssh kvm03:/var/lib/one/datastores/100/667/disk.2 "
            "kvm02:/var/lib/one/datastores/100/667/disk.2 667 100\n"
            "MV.ssh ssh kvm03:/var/lib/one/datastores/100/667/disk.4 "
            "kvm02:/var/lib/one/datastores/100/667/disk.4 667 104\n"
            "MV ssh kvm03:/var/lib/one/datastores/100/667 "
            "kvm02:/var/lib/one/datastores/100/667 667 100\n");
}

TEST(TransferLines, StopAndResumeGoByTheFrontEnd) {
  const std::string stop = lines_of(a_vm(), VmOperation::tm_epilog_stop);
  EXPECT_THAT(stop, HasSubstr("MV ssh kvm02:/var/lib/one/datastores/100/667/disk.0 "
                              "frontend:/var/lib/one/datastores/100/667/disk.0 667 104\n"));
  EXPECT_THAT(stop, HasSubstr("MV ssh kvm02:/var/lib/one/datastores/100/667 "
                              "frontend:/var/lib/one/datastores/100/667 667 100\n"));
  const std::string resume = lines_of(a_vm(), VmOperation::tm_prolog_resume);
  EXPECT_THAT(resume, HasSubstr("MV ssh frontend:/var/lib/one/datastores/100/667/disk.2 "
                                "kvm02:/var/lib/one/datastores/100/667/disk.2 667 100\n"));
}

TEST(TransferLines, ResumeOnAnotherDatastoreStartsFromTheFormerOne) {
  Vm vm = a_vm();
  vm.current()->datastore_id = {101};
  EXPECT_THAT(lines_of(vm, VmOperation::tm_prolog_resume),
              HasSubstr("MV ssh frontend:/var/lib/one/datastores/100/667 "
                        "kvm02:/var/lib/one/datastores/101/667 667 101\n"));
}

TEST(TransferLines, EpilogSavesPersistentImagesAndRemovesTheRest) {
  EXPECT_EQ(lines_of(a_vm(), VmOperation::tm_epilog),
            "DELETE ssh kvm02:/var/lib/one/datastores/100/667/disk.0 667 104\n"
            "MVDS ssh kvm02:/var/lib/one/datastores/100/667/disk.1 "
            "/var/lib/one/datastores/104/img61n 667 104\n"
            "DELETE ssh kvm02:/var/lib/one/datastores/100/667/disk.2 667 100\n"
            "DELETE.ssh ssh kvm02:/var/lib/one/datastores/100/667/disk.4 667 104\n"
            "DELETE ssh kvm02:/var/lib/one/datastores/100/667 667 100\n");
  EXPECT_THAT(lines_of(a_vm(), VmOperation::tm_epilog_front_end),
              HasSubstr("DELETE ssh frontend:/var/lib/one/datastores/100/667 667 100\n"));
}

TEST(TransferLines, CleaningUpRemovesEverythingOnTheHostsNamed) {
  const std::string here = lines_of(a_vm(), VmOperation::vmm_cleanup);
  EXPECT_EQ(here,
            "DELETE ssh kvm02:/var/lib/one/datastores/100/667/disk.0 667 104\n"
            "DELETE ssh kvm02:/var/lib/one/datastores/100/667/disk.1 667 104\n"
            "DELETE ssh kvm02:/var/lib/one/datastores/100/667/disk.2 667 100\n"
            "DELETE.ssh ssh kvm02:/var/lib/one/datastores/100/667/disk.4 667 104\n"
            "DELETE ssh kvm02:/var/lib/one/datastores/100/667 667 100\n");
  const std::string there = lines_of(a_vm(), VmOperation::vmm_cleanup_previous);
  EXPECT_THAT(there, HasSubstr("DELETE ssh kvm03:/var/lib/one/datastores/100/667 667 100\n"));
  EXPECT_EQ(lines_of(a_vm(), VmOperation::tm_epilog_delete), here);
  EXPECT_EQ(lines_of(a_vm(), VmOperation::tm_epilog_delete_both), here + there);
}

TEST(TransferLines, BootMakesTheContextCd) {
  EXPECT_EQ(lines_of(a_vm(), VmOperation::vmm_deploy),
            "CONTEXT ssh /var/lib/one/vms/667/context.sh "
            "kvm02:/var/lib/one/datastores/100/667/disk.3 667 100\n");
  Vm without = a_vm();
  without.system.erase("CONTEXT");
  EXPECT_EQ(lines_of(without, VmOperation::vmm_restore), "");
  EXPECT_EQ(lines_of(without, VmOperation::vmm_shutdown), "");
}

TEST(TransferLines, LiveMigrationNamesBothHosts) {
  EXPECT_EQ(*migration_line(a_vm(), "PREMIGRATE", sites),
            "PREMIGRATE ssh kvm03 kvm02 /var/lib/one/datastores/100/667 667 100\n");
}

TEST(TransferLines, RefuseDisksThatLackWhatIsNeeded) {
  Vm vm = a_vm();
  vm.system.vectors("DISK")[1]->erase("SOURCE");
  EXPECT_EQ(lines_of(vm, VmOperation::tm_prolog), "error: disk 1: SOURCE is not known");
  vm.history.list.clear();
  EXPECT_EQ(lines_of(vm, VmOperation::tm_prolog), "error: VM 667 was never placed on a host");
  EXPECT_FALSE(migration_line(vm, "PREMIGRATE", sites));
}

// A value of a template must not become a line of its own.
TEST(TransferLines, RefuseBlanksInWords) {
  Vm vm = a_vm();
  vm.system.vectors("DISK")[2]->set("FORMAT", "raw\nDELETE");
  EXPECT_THAT(lines_of(vm, VmOperation::tm_prolog), HasSubstr("error: disk 2: "));
  vm.system.vectors("DISK")[2]->set("FORMAT", "");
  EXPECT_THAT(lines_of(vm, VmOperation::tm_prolog), HasSubstr("a word is missing in \"MKIMAGE\""));
}

}  // namespace
}  // namespace nubo
