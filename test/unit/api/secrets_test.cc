// SPDX-License-Identifier: Apache-2.0
// Attributes that are stored encrypted: what calls store and what they show to whom.
#include <gmock/gmock.h>

#include "auth/digest.h"
#include "unit/api/api_fixture.h"

namespace nubo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string key(64, 'k');

class SecretsTest : public test::ApiTest {
 protected:
  SecretsTest() {
    Template config = *parse_template(test::test_config());
    config.set("ONE_KEY", key);
    config.add("USER_ENCRYPTED_ATTR", "SSH_PRIVATE_KEY");
    config.add("VM_ENCRYPTED_ATTR", "CONTEXT/PASSWORD");
    settings = api::settings_of(std::move(config));
  }

  const std::string hidden = encrypt_value("open", key);
  const std::string of_template = "NAME=t\nCONTEXT=[PASSWORD=open]";
};

TEST_F(SecretsTest, ANewObjectStoresThemEncrypted) {
  const int id = id_of(call("one.template.allocate", {of_template}));
  EXPECT_THAT(text_of(call("one.template.info", {id})), HasSubstr(hidden));
}

TEST_F(SecretsTest, AnUpdateStoresThemEncrypted) {
  const int id = new_user("u");
  id_of(call("one.user.update", {id, "SSH_PRIVATE_KEY=open", 1}));
  EXPECT_THAT(text_of(call("one.user.info", {id})), HasSubstr(hidden));
}

TEST_F(SecretsTest, AdminsAreShownThemOnDemand) {
  const int id = id_of(call("one.template.allocate", {of_template}));
  const std::string shown = text_of(call("one.template.info", {id, false, true}));
  EXPECT_THAT(shown, HasSubstr("<PASSWORD><![CDATA[open]]></PASSWORD>"));
}

TEST_F(SecretsTest, OthersAreNotShownThem) {
  new_user("u");
  session = "u:pw";
  const int id = id_of(call("one.template.allocate", {of_template}));
  const std::string shown = text_of(call("one.template.info", {id, false, true}));
  EXPECT_THAT(shown, HasSubstr(hidden));
  EXPECT_THAT(shown, Not(HasSubstr("open]")));
}

TEST_F(SecretsTest, ListsDoNotShowThem) {
  id_of(call("one.template.allocate", {of_template}));
  EXPECT_THAT(text_of(call("one.templatepool.info", {-2, -1, -1})), HasSubstr(hidden));
}

TEST_F(SecretsTest, AVmOfATemplateKeepsThemEncrypted) {
  const int source = id_of(call("one.template.allocate", {of_template + "\nCPU=1\nMEMORY=64"}));
  const int vm = id_of(call("one.template.instantiate", {source, "", true, "", false}));
  EXPECT_THAT(text_of(call("one.vm.info", {vm})), HasSubstr(hidden));
  EXPECT_THAT(text_of(call("one.vm.info", {vm, true})), HasSubstr("[open]"));
}

}  // namespace
}  // namespace nubo
