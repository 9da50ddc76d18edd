// SPDX-License-Identifier: Apache-2.0
#include "nubo/client/client.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "client/codec.h"
#include "client/http.h"

namespace nubo::client {
namespace {

std::optional<std::string> file_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) return {};
  std::string text{std::istreambuf_iterator<char>(file), {}};
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::string home_file(const char* name) {
  const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return home == nullptr ? std::string() : fmt::format("{}/.one/{}", home, name);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value == nullptr ? "" : value;
}

}  // namespace

struct Client::Connection {
  HttpConnection http;
};

Client::Client(Options options) : options_(std::move(options)) {}

Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Value> Client::call(std::string_view method, const Params& params) {
  if (!connection_) {
    NUBO_TRY(Endpoint endpoint, parse_endpoint(options_.endpoint));
    connection_.reset(new Connection{HttpConnection(std::move(endpoint), options_.timeout)});
  }
  NUBO_TRY(const std::string document,
           connection_->http.post(encode_call(method, options_.session, params)));
  return decode_reply(document);
}

Result<std::string> Client::text(std::string_view method, const Params& params) {
  NUBO_TRY(Value value, call(method, params));
  if (auto* text = std::get_if<std::string>(&value)) return std::move(*text);
  return fail(Code::internal, "{} answered with no text", method);
}

Result<int> Client::id(std::string_view method, const Params& params) {
  NUBO_TRY(const Value value, call(method, params));
  if (const int* number = std::get_if<int>(&value)) return *number;
  return fail(Code::internal, "{} answered with no id", method);
}

Result<std::string> session_from_environment() {
  const std::string named = environment("ONE_AUTH");
  if (!named.empty()) {
    if (auto session = file_text(named); session && !session->empty()) return *session;
    return fail(Code::authentication, "file {} (ONE_AUTH) cannot be read or is empty", named);
  }
  for (const std::string& path :
       {home_file("one_auth"), std::string("/var/lib/one/.one/one_auth")}) {
    if (auto session = file_text(path); session && !session->empty()) return *session;
  }
  return fail(Code::authentication, "ONE_AUTH is not set and file ~/.one/one_auth is not there");
}

std::string endpoint_from_environment() {
  if (std::string named = environment("ONE_XMLRPC"); !named.empty()) return named;
  if (auto text = file_text(home_file("one_endpoint")); text && !text->empty()) return *text;
  return Options{}.endpoint;
}

}  // namespace nubo::client
