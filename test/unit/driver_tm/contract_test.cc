// SPDX-License-Identifier: Apache-2.0
#include "contract/driver_contract.h"
#include "contract/storage_contract.h"
#include "support/loopback_sshd.h"

namespace nubo::test {

namespace {

const std::string program = NUBO_BUILD_DIR "/lib/nubo/drivers/tm";
const testing::TempDir directory;

std::string line(const std::string& words) { return words + "\n"; }

// Of the header's contracts, this program has one.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DatastoreContract);

INSTANTIATE_TEST_SUITE_P(Tm, DriverContract, ::testing::Values(DriverSubject{program, {}}));

INSTANTIATE_TEST_SUITE_P(
    Tm, TransferContract,
    ::testing::Values(TransferSubject{
        .program = program,
        .settings = {{"HOSTNAME", "here"}},
        .node = "here",
        .vm = "<VM><ID>1</ID><TEMPLATE/></VM>",
        .make = line("MKSWAP shared 16 here:" + (directory / "0/1/disk.1") + " 1 0"),
        .drop = line("DELETE shared here:" + (directory / "0/1/disk.1") + " 1 0"),
        .disk = "here:" + (directory / "0/1/disk.1")}));

}  // namespace

}  // namespace nubo::test
