// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "contract/driver_contract.h"
#include "contract/storage_contract.h"
#include "support/loopback_sshd.h"

namespace nubo::test {

namespace {

const std::string program = NUBO_BUILD_DIR "/lib/nubo/drivers/datastore";

class Files {
 public:
  Files() { std::ofstream(directory_ / "origin") << std::string(3 << 20, 'x'); }

  std::string datastore() const {
    return fmt::format(
        "<DATASTORE><ID>1</ID><TYPE>0</TYPE><DS_MAD>fs</DS_MAD><BASE_PATH>{}</BASE_PATH><TEMPLATE>"
        "<SAFE_DIRS>{}</SAFE_DIRS><RESTRICTED_DIRS>/</RESTRICTED_DIRS></TEMPLATE></DATASTORE>",
        directory_ / "1", directory_.path());
  }

  std::string image() const {
    return fmt::format("<IMAGE><ID>1</ID><REGTIME>7</REGTIME><PATH>{}</PATH></IMAGE>",
                       directory_ / "origin");
  }

 private:
  testing::TempDir directory_;
};

const Files files;

std::string made_image(const std::string& source, const std::string& format) {
  return fmt::format("<IMAGE><ID>1</ID><SOURCE>{}</SOURCE><FORMAT>{}</FORMAT></IMAGE>", source,
                     format);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TransferContract);

INSTANTIATE_TEST_SUITE_P(Datastore, DriverContract, ::testing::Values(DriverSubject{program, {}}));

INSTANTIATE_TEST_SUITE_P(
    Datastore, DatastoreContract,
    ::testing::Values(DatastoreSubject{
        .program = program,
        .datastore = files.datastore(),
        .image = files.image(),
        .empty_image = "<IMAGE><ID>2</ID><SIZE>20</SIZE><FORMAT>raw</FORMAT></IMAGE>",
        .made_image = made_image}));

}  // namespace

}  // namespace nubo::test
