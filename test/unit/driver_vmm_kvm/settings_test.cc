// SPDX-License-Identifier: Apache-2.0
#include "vmm_kvm/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nubo::kvm {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string shipped = NUBO_SOURCE_DIR "/share/etc/vmm_exec_kvm.conf";

TEST(Settings, HaveShippedDefaultsForTheDomain) {
  const auto settings = settings_from({{"DEFAULT", shipped}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->defaults.vector("OS")->get("MACHINE"), "q35");
  EXPECT_EQ(settings->hypervisor, "kvm");
}

TEST(Settings, NameTheFileThatCannotBeRead) {
  const auto settings = settings_from({{"DEFAULT", "/nowhere/kvm.conf"}});
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().message, EndsWith("cannot read /nowhere/kvm.conf"));
}

TEST(Settings, RefuseAHypervisorThatIsNotKnown) {
  EXPECT_FALSE(settings_from({{"DEFAULT", shipped}, {"TYPE", "xen"}}));
}

TEST(Settings, RefuseATimeThatIsNoNumber) {
  const auto settings = settings_from({{"DEFAULT", shipped}, {"HOST_TIMEOUT", "soon"}});
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().message, HasSubstr("HOST_TIMEOUT"));
}

TEST(Settings, ReachNodesAsTheSshUserThroughTheProgramBeside) {
  const auto settings =
      settings_from({{"DEFAULT", shipped}, {"SSH_USER", "cloud"}, {"SSH_PORT", "2222"}});
  ASSERT_TRUE(settings);
  const std::string uri = uri_of(*settings, "node7");
  EXPECT_THAT(uri, StartsWith("qemu+ssh://cloud@node7:2222/system?"));
  EXPECT_THAT(uri, HasSubstr("/kvm_ssh"));
}

TEST(Settings, TakeAnotherWayToLibvirt) {
  const auto settings =
      settings_from({{"DEFAULT", shipped}, {"LIBVIRT_URI", "qemu+tls://{node}/system"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(uri_of(*settings, "node7"), "qemu+tls://node7/system");
}

}  // namespace
}  // namespace nubo::kvm
