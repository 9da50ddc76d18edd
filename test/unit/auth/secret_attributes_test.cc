// SPDX-License-Identifier: Apache-2.0
#include "auth/secret_attributes.h"

#include <gtest/gtest.h>

#include "auth/digest.h"
#include "model/document.h"
#include "model/snapshot.h"

namespace nubo {
namespace {

const std::string key(64, 'a');

SecretAttributes attributes(const std::string& more = "") {
  return SecretAttributes(*parse_template("ONE_KEY=" + key +
                                          "\nVM_ENCRYPTED_ATTR=\"CONTEXT/PASSWORD\"\n"
                                          "VM_ENCRYPTED_ATTR=\"SPEC\"\n" + more));
}

VmTemplate a_template(const char* text) {
  VmTemplate made;
  made.attributes = *parse_template(text);
  return made;
}

TEST(SecretAttributes, ValuesAreThoseOfOpenssl) {
  // printf secret | openssl enc -aes-256-cbc -a -A -K (hex of 32 times 'a') -iv 0
  EXPECT_EQ(encrypt_value("secret", key), "8N9gm32QiwJCezsIT4UvYw==");
  EXPECT_EQ(decrypt_value("8N9gm32QiwJCezsIT4UvYw==", key), "secret");
}

TEST(SecretAttributes, WhatIsNamedIsConcealedAndNothingElse) {
  auto made = a_template("CONTEXT=[PASSWORD=p,USER=u]\nSPEC=s\nPASSWORD=q\nSPEC=[A=b]");
  attributes().conceal(made);
  EXPECT_EQ(made.attributes.vector("CONTEXT")->get("PASSWORD"), encrypt_value("p", key));
  EXPECT_EQ(made.attributes.vector("CONTEXT")->get("USER"), "u");
  EXPECT_EQ(made.attributes.get("SPEC"), encrypt_value("s", key));
  EXPECT_EQ(made.attributes.vector("SPEC")->get("A"), "b");
  EXPECT_EQ(made.attributes.get("PASSWORD"), "q");
}

TEST(SecretAttributes, WhatIsConcealedStaysAsItIs) {
  auto made = a_template("SPEC=s");
  attributes().conceal(made);
  const auto once = made;
  attributes().conceal(made);
  EXPECT_EQ(made.attributes, once.attributes);
}

TEST(SecretAttributes, WhatIsRevealedIsWhatWasGiven) {
  const auto given = a_template("CONTEXT=[PASSWORD=p]\nSPEC=s\nEMPTY=\"\"");
  auto made = given;
  attributes().conceal(made);
  EXPECT_EQ(attributes().revealed(made).attributes, given.attributes);
}

TEST(SecretAttributes, BothTemplatesOfAVmHaveSecrets) {
  Vm vm;
  vm.system = *parse_template("CONTEXT=[PASSWORD=p]");
  vm.user = *parse_template("SPEC=s");
  attributes().conceal(vm);
  EXPECT_EQ(vm.system.vector("CONTEXT")->get("PASSWORD"), encrypt_value("p", key));
  EXPECT_EQ(vm.user.get("SPEC"), encrypt_value("s", key));
}

TEST(SecretAttributes, EachKindHasItsOwnList) {
  Document document;
  document.attributes = *parse_template("SPEC=s\nBODY=b");
  attributes("DOCUMENT_ENCRYPTED_ATTR=\"BODY\"").conceal(document);
  EXPECT_EQ(document.attributes.get("SPEC"), "s");
  EXPECT_EQ(document.attributes.get("BODY"), encrypt_value("b", key));
}

TEST(SecretAttributes, WithoutAKeyThereAreNone) {
  auto made = a_template("SPEC=s");
  SecretAttributes(*parse_template("VM_ENCRYPTED_ATTR=\"SPEC\"")).conceal(made);
  EXPECT_EQ(made.attributes.get("SPEC"), "s");
}

}  // namespace
}  // namespace nubo
