// SPDX-License-Identifier: Apache-2.0
#include "api/vm_search.h"

#include <gtest/gtest.h>

namespace nubo::api {
namespace {

Vm web_server() {
  Vm vm;
  vm.id = VmId{12};
  vm.name = "Web-1";
  vm.uname = "ann";
  vm.system = *parse_template("CPU=2\nDISK=[DISK_ID=0,IMAGE_ID=7]\nDISK=[DISK_ID=1,IMAGE_ID=8]");
  vm.user = *parse_template("LABELS=\"shop,test\"");
  return vm;
}

bool finds(const char* query) { return VmSearch(query).finds(web_server()); }

TEST(VmSearch, ValuesAreLookedForInTheElementOfTheirPath) {
  EXPECT_TRUE(finds("VM.NAME=web"));
  EXPECT_TRUE(finds("VM.USER_TEMPLATE.LABELS=SHOP"));
  EXPECT_FALSE(finds("VM.UNAME=web"));
  EXPECT_FALSE(finds("NAME=web"));
  EXPECT_FALSE(finds("VM.NAME.MORE=web"));
}

TEST(VmSearch, EachOfEqualElementsCounts) {
  EXPECT_TRUE(finds("VM.TEMPLATE.DISK[*].IMAGE_ID=8"));
  EXPECT_TRUE(finds("VM.TEMPLATE.DISK.IMAGE_ID=7"));
  EXPECT_FALSE(finds("VM.TEMPLATE.DISK[*].IMAGE_ID=9"));
}

TEST(VmSearch, AllPartsMustHold) {
  EXPECT_TRUE(finds("VM.NAME=web&VM.UNAME=ann"));
  EXPECT_FALSE(finds("VM.NAME=web&VM.UNAME=bob"));
}

TEST(VmSearch, AWordAloneIsSearchedForEverywhere) {
  EXPECT_TRUE(finds("shop"));
  EXPECT_FALSE(finds("nowhere"));
}

TEST(VmSearch, AnEmptyValueAsksForTheElement) {
  EXPECT_TRUE(finds("VM.NAME="));
  EXPECT_FALSE(finds("VM.NOTHING="));
}

TEST(VmSearch, NothingAskedForIsEverything) { EXPECT_TRUE(finds("")); }

}  // namespace
}  // namespace nubo::api
