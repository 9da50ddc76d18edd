// SPDX-License-Identifier: Apache-2.0
#include "client/http.h"

#include <gtest/gtest.h>

namespace nubo::client {
namespace {

TEST(ClientEndpoint, TakesHostPortAndPath) {
  EXPECT_EQ(*parse_endpoint("http://one:2633/RPC2"), (Endpoint{"one", "2633", "/RPC2"}));
  EXPECT_EQ(*parse_endpoint("http://one"), (Endpoint{"one", "80", "/RPC2"}));
  EXPECT_EQ(*parse_endpoint("http://[::1]:2633/"), (Endpoint{"::1", "2633", "/RPC2"}));
}

TEST(ClientEndpoint, RefusesWhatItCannotReach) {
  for (const char* url : {"https://one/RPC2", "one:2633", "http://", "http://:1", "http://[::1"}) {
    EXPECT_FALSE(parse_endpoint(url)) << url;
  }
}

constexpr std::string_view sized = "HTTP/1.1 200 OK\r\nContent-length: 5\r\n\r\nhello";

TEST(ClientResponse, IsTheSameHoweverTheBytesArrive) {
  for (std::size_t cut = 0; cut <= sized.size(); ++cut) {
    ResponseParser parser;
    ASSERT_TRUE(parser.feed(sized.substr(0, cut)));
    if (!parser.is_complete()) {
      ASSERT_TRUE(parser.feed(sized.substr(cut)));
    }
    EXPECT_TRUE(parser.is_complete()) << cut;
    EXPECT_EQ(parser.body(), "hello");
    EXPECT_EQ(parser.status(), 200);
    EXPECT_TRUE(parser.keeps_alive());
  }
}

TEST(ClientResponse, ChunksAreJoined) {
  constexpr std::string_view chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n";
  ResponseParser parser;
  for (const char c : chunked) ASSERT_TRUE(parser.feed(std::string_view(&c, 1)));
  EXPECT_TRUE(parser.is_complete());
  EXPECT_EQ(parser.body(), "abc0123456789");
}

TEST(ClientResponse, WithoutLengthEndsWithTheConnection) {
  ResponseParser parser;
  ASSERT_TRUE(parser.feed("HTTP/1.0 200 OK\r\n\r\nab"));
  ASSERT_TRUE(parser.feed("cd"));
  EXPECT_FALSE(parser.is_complete());
  ASSERT_TRUE(parser.end());
  EXPECT_TRUE(parser.is_complete());
  EXPECT_EQ(parser.body(), "abcd");
  EXPECT_FALSE(parser.keeps_alive());
}

TEST(ClientResponse, ACutAnswerIsAnError) {
  ResponseParser parser;
  ASSERT_TRUE(parser.feed(sized.substr(0, sized.size() - 1)));
  EXPECT_FALSE(parser.end());
}

TEST(ClientResponse, ContinueIsSkipped) {
  ResponseParser parser;
  ASSERT_TRUE(parser.feed("HTTP/1.1 100 Continue\r\n\r\n" + std::string(sized)));
  EXPECT_EQ(parser.body(), "hello");
}

TEST(ClientResponse, RefusesWhatIsNoHttp) {
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH\r\n\r\n"), std::string("HTTP/1.1 abc\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::string(100'000, 'x')}) {
    EXPECT_FALSE(ResponseParser{}.feed(bytes)) << bytes.substr(0, 60);
  }
}

TEST(ClientHttp, SaysWhoDidNotAnswer) {
  HttpConnection connection({"127.0.0.1", "1", "/RPC2"}, std::chrono::seconds(5));
  const auto answer = connection.post("x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "cannot connect to oned at 127.0.0.1:1: Connection refused");
}

}  // namespace
}  // namespace nubo::client
