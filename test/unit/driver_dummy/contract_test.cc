// SPDX-License-Identifier: Apache-2.0
#include "contract/driver_contract.h"
#include "contract/network_contract.h"
#include "contract/storage_contract.h"
#include "contract/vmm_contract.h"

namespace nubo::test {

namespace {

const std::string program = NUBO_BUILD_DIR "/lib/nubo/drivers/dummy";
const std::string vm =
    "<VM><ID>1</ID><NAME>web</NAME><TEMPLATE><CPU>0.5</CPU><MEMORY>128</MEMORY></TEMPLATE></VM>";

std::string image(const std::string& source, const std::string& format) {
  return fmt::format("<IMAGE><ID>1</ID><SOURCE>{}</SOURCE><FORMAT>{}</FORMAT></IMAGE>", source,
                     format);
}

INSTANTIATE_TEST_SUITE_P(Dummy, DriverContract, ::testing::Values(DriverSubject{program, {}}));

INSTANTIATE_TEST_SUITE_P(Dummy, VmmContract,
                         ::testing::Values(VmmSubject{
                             .program = program,
                             .node = "node1",
                             .other_node = "node2",
                             .documents = {{"vm", vm},
                                           {"host", "<HOST/>"},
                                           {"datastore", "<DATASTORE/>"},
                                           {"system_dir", "/var/lib/one/datastores/0/1"}},
                             .checkpoint = "/var/lib/one/datastores/0/1/checkpoint"}));

INSTANTIATE_TEST_SUITE_P(Dummy, DatastoreContract,
                         ::testing::Values(DatastoreSubject{
                             .program = program,
                             .datastore = "<DATASTORE><ID>1</ID></DATASTORE>",
                             .image = "<IMAGE><PATH>/disk.img</PATH></IMAGE>",
                             .empty_image = "<IMAGE><SIZE>20</SIZE><FORMAT>raw</FORMAT></IMAGE>",
                             .made_image = image}));

INSTANTIATE_TEST_SUITE_P(Dummy, TransferContract,
                         ::testing::Values(TransferSubject{
                             .program = program,
                             .node = "node1",
                             .vm = vm,
                             .make = "MKSWAP dummy 16 node1:/ds/0/1/disk.1 1 0\n",
                             .drop = "DELETE dummy node1:/ds/0/1/disk.1 1 0\n",
                             .disk = "node1:/ds/0/1/disk.1",
                             .keeps_files = false}));

INSTANTIATE_TEST_SUITE_P(Dummy, NetworkContract,
                         ::testing::Values(NetworkSubject{
                             .program = program, .node = "node1", .vm = vm}));

}  // namespace

}  // namespace nubo::test
