// SPDX-License-Identifier: Apache-2.0
#include "auth/authenticator.h"

#include <gtest/gtest.h>

#include "auth/digest.h"
#include "support/fake_clock.h"

namespace nubo {
namespace {

struct AuthenticatorTest : ::testing::Test {
  User& add(int id, const std::string& name, const std::string& password) {
    auto entry = std::make_shared<Entry<User>>();
    entry->object.id = UserId{id};
    entry->object.name = name;
    entry->object.gid = GroupId{1};
    entry->object.groups = {GroupId{1}, GroupId{100}};
    entry->object.password = sha256_hex(password);
    snapshot.pool<User>().put(entry);
    snapshot.names().put(ObjectType::user, -1, name, id);
    return entry->object;
  }

  bool enters(std::string_view session) {
    return authenticator.authenticate(snapshot, session).has_value();
  }

  void SetUp() override {
    ann = &add(5, "ann", "a:b c");
    server = &add(1, "serveradmin", "secret");
    server->auth_driver = "server_cipher";
  }

  std::string cipher_session(const std::string& clear) const {
    return "serveradmin:ann:" + encrypt_token(clear, server->password);
  }

  test::FakeClock clock;
  Snapshot snapshot;
  Authenticator authenticator{clock, {}};
  User* ann = nullptr;
  User* server = nullptr;
};

TEST_F(AuthenticatorTest, APasswordOpens) {
  const auto identity = authenticator.authenticate(snapshot, "ann:a:b c");
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->uid, ann->id);
  EXPECT_EQ(identity->groups, ann->groups);
  EXPECT_FALSE(identity->is_admin());
}

TEST_F(AuthenticatorTest, AnythingElseDoesNot) {
  for (const char* session : {"", ":", "ann", "ann:", "ann:wrong", "Ann:a:b c", "nobody:a:b c",
                              " ann:a:b c", "ann:a:b c ", "serveradmin:secret"}) {
    const auto refused = authenticator.authenticate(snapshot, session);
    ASSERT_FALSE(refused) << session;
    EXPECT_EQ(refused.error().code, Code::authentication);
  }
}

TEST_F(AuthenticatorTest, ARememberedSessionEndsWithThePassword) {
  ASSERT_TRUE(enters("ann:a:b c"));
  ann->password = sha256_hex("new");
  EXPECT_FALSE(enters("ann:a:b c"));
  EXPECT_TRUE(enters("ann:new"));
}

TEST_F(AuthenticatorTest, DisabledUsersStayOut) {
  ASSERT_TRUE(enters("ann:a:b c"));
  ann->enabled = false;
  EXPECT_FALSE(enters("ann:a:b c"));
}

TEST_F(AuthenticatorTest, OtherDriversStayOut) {
  ann->auth_driver = "public";
  EXPECT_FALSE(enters("ann:a:b c"));
}

TEST_F(AuthenticatorTest, LoginTokensOpenUntilTheyExpire) {
  ann->login_tokens = {{"tok", clock.now().count() + 10, {}}, {"forever", -1, {}}};
  EXPECT_TRUE(enters("ann:tok"));
  clock.advance(EpochSeconds(10));
  EXPECT_FALSE(enters("ann:tok"));
  EXPECT_TRUE(enters("ann:forever"));
}

TEST_F(AuthenticatorTest, AGroupTokenNarrowsTheIdentity) {
  ann->login_tokens = {{"tok", -1, GroupId{100}}};
  const auto identity = authenticator.authenticate(snapshot, "ann:tok");
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->gid, GroupId{100});
  EXPECT_EQ(identity->groups, (std::set{GroupId{100}}));
  ann->groups.erase(GroupId{100});
  EXPECT_FALSE(enters("ann:tok"));
}

TEST_F(AuthenticatorTest, AServerUserActsForOthers) {
  const auto until = [this](long long seconds) {
    return std::to_string(clock.now().count() + seconds);
  };
  const auto identity =
      authenticator.authenticate(snapshot, cipher_session("serveradmin:ann:" + until(60)));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->uid, ann->id);
  EXPECT_FALSE(enters(cipher_session("serveradmin:ann:" + until(0))));
  EXPECT_FALSE(enters(cipher_session("serveradmin:bob:" + until(60))));
  EXPECT_FALSE(enters(cipher_session("other:ann:" + until(60))));
  EXPECT_FALSE(enters("serveradmin:ann:bm9ub25lbm9ub25l"));
  EXPECT_FALSE(enters("serveradmin:ann:"));
}

TEST(Digest, IsTheKnownOne) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(random_secret().size(), 64U);
  EXPECT_NE(random_secret(), random_secret());
}

}  // namespace
}  // namespace nubo
