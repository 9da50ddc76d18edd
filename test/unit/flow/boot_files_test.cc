// SPDX-License-Identifier: Apache-2.0
#include "flow/boot_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/requirements.h"
#include "unit/flow/sample.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;

Image file(int id, const char* name, ImageType kind) {
  Image image;
  image.id = {id};
  image.uid = {0};
  image.name = name;
  image.kind = kind;
  image.state = ImageState::ready;
  image.source = fmt::format("/var/lib/one/datastores/2/img{}", id);
  image.datastore_id = {2};
  return image;
}

Snapshot world() {
  Snapshot world;
  Datastore files;
  files.id = {2};
  files.name = "files";
  files.tm_mad = "local";
  files.clusters = {{0}, {100}};
  put(world, files);
  put(world, file(14, "linux", ImageType::kernel));
  put(world, file(15, "initial", ImageType::ramdisk));
  User user;
  user.id = {0};
  user.name = "oneadmin";
  put(world, user);
  return world;
}

Vm vm_with(const char* os) {
  Vm vm;
  vm.uid = {0};
  vm.system = *parse_template(os);
  return vm;
}

class BootFiles : public ::testing::Test {
 protected:
  std::string error_of(const char* os) {
    Vm vm = vm_with(os);
    const Status status = resolve_boot_files(draft_, vm);
    return status ? "" : status.error().message;
  }

  Draft draft_{world(), no_ids_given, EpochSeconds(0)};
};

TEST_F(BootFiles, AreFoundAndKeptInOs) {
  Vm vm = vm_with(
      "OS=[KERNEL_DS=\"$FILE[IMAGE_ID=14]\",INITRD_DS=\"$FILE[IMAGE=initial]\",KERNEL=\"/old\"]");
  ASSERT_TRUE(resolve_boot_files(draft_, vm));
  const Vector& os = *vm.system.vector("OS");
  EXPECT_EQ(os.get("KERNEL_DS_ID"), "14");
  EXPECT_EQ(os.get("KERNEL_DS_SOURCE"), "/var/lib/one/datastores/2/img14");
  EXPECT_EQ(os.get("KERNEL_DS_DSID"), "2");
  EXPECT_EQ(os.get("KERNEL_DS_TM"), "local");
  EXPECT_EQ(os.get("KERNEL_DS_CLUSTER_ID"), "0,100");
  EXPECT_EQ(os.get("INITRD_DS_ID"), "15");
  EXPECT_FALSE(os.contains("KERNEL"));
}

TEST_F(BootFiles, ArePlacedInTheSystemDirectory) {
  Vm vm = vm_with("OS=[KERNEL_DS=\"$FILE[IMAGE_ID=14]\"]");
  ASSERT_TRUE(resolve_boot_files(draft_, vm));
  place_boot_files(vm, "/var/lib/one/datastores/100/4");
  EXPECT_EQ(vm.system.vector("OS")->get("KERNEL"), "/var/lib/one/datastores/100/4/kernel");
  EXPECT_FALSE(vm.system.vector("OS")->contains("INITRD"));
}

TEST_F(BootFiles, LeaveAPathOfTheUserAlone) {
  Vm vm = vm_with("OS=[KERNEL=\"/boot/vmlinuz\"]");
  ASSERT_TRUE(resolve_boot_files(draft_, vm));
  place_boot_files(vm, "/elsewhere");
  EXPECT_EQ(vm.system.vector("OS")->get("KERNEL"), "/boot/vmlinuz");
}

TEST_F(BootFiles, AreRefusedWhenNoneOrOfAnotherType) {
  EXPECT_EQ(error_of("OS=[KERNEL_DS=\"linux\"]"), "OS/KERNEL_DS must name one $FILE[...]");
  EXPECT_THAT(error_of("OS=[KERNEL_DS=\"$FILE[IMAGE_ID=15]\"]"), HasSubstr("has another type"));
  EXPECT_EQ(error_of("OS=[ARCH=x86_64]"), "");
}

TEST_F(BootFiles, NarrowTheClusters) {
  Vm vm = vm_with("OS=[KERNEL_DS=\"$FILE[IMAGE_ID=14]\"]\nDISK=[DISK_ID=0,CLUSTER_ID=\"100,101\"]");
  ASSERT_TRUE(resolve_boot_files(draft_, vm));
  EXPECT_EQ(allowed_clusters(vm).value(), (std::set{100}));
}

}  // namespace
}  // namespace nubo
