// SPDX-License-Identifier: Apache-2.0
#include "api/vm_lists.h"

#include <limits>

#include "text/xml_reader.h"
#include "unit/api/api_fixture.h"

namespace nubo::test {
namespace {

using api::ListedVm;
using api::Value;

class VmListsTest : public ApiTest {
 protected:
  /// VMs 0 to 5; those with odd ids are done, 3 and 4 are ann's.
  VmListsTest() : ann(new_user("ann")) {
    change([this](Draft& draft) -> Status {
      for (int id = 0; id < 6; ++id) {
        Vm vm;
        vm.name = "vm" + std::to_string(id);
        vm.uid = id == 3 || id == 4 ? UserId{ann} : UserId{0};
        vm.gid = GroupId{1};
        vm.permissions.owner_u = true;
        vm.state = id % 2 == 1 ? VmState::done : VmState::hold;
        vm.start_time = EpochSeconds(10 * id);
        vm.end_time = EpochSeconds(id % 2 == 1 ? 10 * id + 5 : 0);
        History record;
        record.vm = VmId{id};
        record.start_time = vm.start_time;
        record.end_time = vm.end_time;
        vm.history.list.push_back(record);
        NUBO_CHECK(draft.insert(std::move(vm)));
      }
      return ok();
    });
  }

  void change(std::function<Status(Draft&)> function) {
    const Status changed = writer->apply_now({"test", std::move(function)});
    EXPECT_TRUE(changed) << changed.error().message;
  }

  void end(int id) {
    change([id](Draft& draft) -> Status {
      NUBO_TRY(Vm * vm, draft.edit<Vm>(VmId{id}));
      vm->state = VmState::done;
      return ok();
    });
  }

  static std::vector<int> ids_in(const std::string& pool) {
    std::vector<int> ids;
    const auto document = XmlDocument::parse(pool);
    EXPECT_TRUE(document) << pool;
    if (!document) return ids;
    for (const XmlNode& vm : document->root().children("VM")) {
      ids.push_back(parse_number<int>(vm.child("ID").text()).value_or(-1));
    }
    return ids;
  }

  std::vector<int> pool(int flag, int first, int last, int state, const std::string& query = "") {
    return ids_in(text_of(call("one.vmpool.info", {flag, first, last, state, query})));
  }

  /// Of VMs in the order of the accounting.
  std::vector<int> accounted(int flag, int start, int end) {
    std::vector<int> ids;
    const auto document =
        XmlDocument::parse(text_of(call("one.vmpool.accounting", {flag, start, end})));
    EXPECT_TRUE(document);
    for (const XmlNode& record : document->root().children("HISTORY")) {
      ids.push_back(parse_number<int>(record.child("OID").text()).value_or(-1));
    }
    return ids;
  }

  int ann;
};

constexpr int all = -2;
constexpr int mine = -3;

TEST_F(VmListsTest, ShowThoseThatAreDoneInTheirPlaces) {
  EXPECT_EQ(pool(all, -1, -1, -2), (std::vector{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(pool(all, -1, -1, -1), (std::vector{4, 2, 0}));
  EXPECT_EQ(pool(all, -1, -1, 6), (std::vector{5, 3, 1}));
  EXPECT_EQ(pool(all, 1, 3, -2), (std::vector{3, 2, 1}));
}

TEST_F(VmListsTest, PagesCountBoth) {
  EXPECT_EQ(pool(all, 0, -2, -2), (std::vector{5, 4}));
  EXPECT_EQ(pool(all, 3, -2, -2), (std::vector{2, 1}));
  EXPECT_EQ(pool(all, 1, -2, 6), (std::vector{3, 1}));
  EXPECT_EQ(pool(all, 9, -2, -2), std::vector<int>());
}

TEST_F(VmListsTest, RightsAndFlagsHoldForBoth) {
  EXPECT_EQ(pool(ann, -1, -1, -2), (std::vector{4, 3}));
  session = "ann:pw";
  EXPECT_EQ(pool(all, -1, -1, -2), (std::vector{4, 3}));
  EXPECT_EQ(pool(mine, -1, -1, 6), std::vector{3});
  EXPECT_EQ(code_of(call("one.vm.info", {1, false})), Code::authorization);
  EXPECT_EQ(code_of(call("one.vm.info", {9, false})), Code::no_exists);
}

TEST_F(VmListsTest, SearchesAndSetsFindBoth) {
  EXPECT_EQ(pool(all, -1, -1, -2, "VM.NAME=vm3"), std::vector{3});
  EXPECT_EQ(ids_in(text_of(call("one.vmpool.infoset", {"1,2,9", true}))), (std::vector{2, 1}));
}

TEST_F(VmListsTest, WhatEndsDuringACallIsSeenOnce) {
  const api::Context context{environment,      "test", 0,
                             Identity{.uid = {0}, .gid = {0}, .groups = {GroupId{0}}},
                             api::Args({}), writer->snapshot()};
  end(2);
  std::vector<VmState> states;
  EXPECT_TRUE(api::for_each_vm(context, {}, [&](const ListedVm& vm) -> Result<bool> {
    NUBO_TRY(const Ptr<Vm> object, vm.object());
    states.push_back(object->state);
    return true;
  }));
  using enum VmState;
  EXPECT_EQ(states, (std::vector{hold, done, hold, done, hold, done}));
}

TEST_F(VmListsTest, AccountingGoesByIdAndTime) {
  EXPECT_EQ(accounted(all, -1, -1), (std::vector{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(accounted(all, 30, -1), (std::vector{0, 2, 3, 4, 5}));
  EXPECT_EQ(accounted(all, -1, 30), (std::vector{0, 1, 2}));
  EXPECT_EQ(accounted(ann, -1, -1), (std::vector{3, 4}));
}

TEST_F(VmListsTest, ShowbackHasTheMonthsOfBoth) {
  const std::string costs = text_of(call("one.vmpool.showback", {all, 1, 1970, 1, 1970}));
  for (const char* id : {"<VMID>1</VMID>", "<VMID>2</VMID>"}) {
    EXPECT_NE(costs.find(id), std::string::npos) << costs;
  }
  EXPECT_EQ(text_of(call("one.vmpool.showback", {all, 3, 1970, 3, 1970})).find("<VMID>1</VMID>"),
            std::string::npos);
  constexpr int least = std::numeric_limits<int>::min();
  constexpr int most = std::numeric_limits<int>::max();
  EXPECT_EQ(text_of(call("one.vmpool.showback", {all, least, least, most, most})),
            text_of(call("one.vmpool.showback", {all, -1, -1, -1, -1})));
  EXPECT_EQ(text_of(call("one.vmpool.showback", {all, most, most, most, most})),
            "<SHOWBACK_RECORDS></SHOWBACK_RECORDS>");
}

TEST_F(VmListsTest, ChangesOfOneThatIsDoneWork) {
  EXPECT_EQ(id_of(call("one.vm.rename", {1, "renamed"})), 1);
  EXPECT_EQ(id_of(call("one.vm.chmod", {1, 1, 1, 0, 1, 0, 0, 0, 0, 0})), 1);
  const std::string document = text_of(call("one.vm.info", {1, false}));
  EXPECT_NE(document.find("<NAME>renamed</NAME>"), std::string::npos);
  EXPECT_NE(document.find("<GROUP_U>1</GROUP_U>"), std::string::npos);
  EXPECT_EQ(code_of(call("one.vm.action", {"resume", 1})), Code::action);
  EXPECT_EQ(code_of(call("one.vm.chown", {1, ann, -1})), Code::action);
  EXPECT_EQ(id_of(call("one.vm.lock", {1, 4})), 1);
  EXPECT_FALSE(writer->snapshot()->find<Vm>(VmId{1}));
}

}  // namespace
}  // namespace nubo::test
