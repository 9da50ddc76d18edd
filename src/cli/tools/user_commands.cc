// SPDX-License-Identifier: Apache-2.0
#include "cli/tools/user_commands.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <optional>

#include "cli/shared_commands.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::string_view cipher_drivers = " server_cipher ";

std::string sha256(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// The password as the options want it: from a file, hashed.
Result<std::string> wanted_password(Run& run, std::string password, const std::string& driver) {
  if (run.options.has("read-file")) {
    NUBO_TRY(const std::string text, run.shell.read_file(password));
    password = strip(text);
  }
  const bool cipher = cipher_drivers.find(fmt::format(" {} ", driver)) != std::string_view::npos;
  return run.options.has("sha256") || cipher ? sha256(password) : password;
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) ||
                       std::string_view("-_.!~*'();/?:@&=+$,[]").find(c) != std::string_view::npos;
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string auth_file(const Run& run) {
  const std::string given = run.shell.variable("ONE_AUTH");
  return given.empty() ? run.shell.variable("HOME") + "/.one/one_auth" : given;
}

// Whose token it is, and as whom the calls are made.
Result<std::string> token_user(Run& run) {
  if (run.has(0)) {
    std::string password;
    if (run.options.has("stdin_password")) {
      password = strip(run.shell.piped_input().value_or(""));
    } else {
      NUBO_TRY(password, run.shell.ask("Password: ", true));
    }
    run.options.set("user", run.text(0));
    run.options.set("password", password);
    return run.text(0);
  }
  NUBO_TRY(const XmlDocument own, run.call_for_document("info", {-1, false}));
  return own.root().get("NAME");
}

Result<bool> may_write(Run& run, const std::string& path) {
  if (run.options.has("force") || !run.shell.is_file(path)) return true;
  NUBO_TRY(
      const std::string answer,
      run.shell.ask(fmt::format("  * Do you want to overwrite the file {}? (Y|N): ", path), false));
  return strip(answer) == "Y" || strip(answer) == "y";
}

}  // namespace

Result<int> create_user(Run& run) {
  const std::string driver = run.options.find("driver").value_or("core");
  std::vector<int> groups;
  for (const std::string& name : split(run.options.get("group"), ',')) {
    const Result<int> group = run.find("group", name);
    if (!group) {
      run.line(group.error().message);
      return 255;
    }
    groups.push_back(*group);
  }
  NUBO_TRY(const std::string password, wanted_password(run, run.text(1), driver));
  return print_id(run, run.call_for_id("allocate", {run.text(0), password, driver, groups}));
}

Result<int> change_password(Run& run) {
  NUBO_TRY(const std::string password,
           wanted_password(run, run.text(1), run.options.get("driver")));
  NUBO_CHECK(run.call("passwd", {run.id(0), password}));
  run.done(run.id(0), "Password changed");
  return 0;
}

Result<int> change_auth(Run& run) {
  const std::string driver = run.options.find("driver").value_or(run.text(1));
  if (driver.empty()) {
    run.line("An Auth driver should be specified");
    return 0;
  }
  NUBO_TRY(const std::string password, wanted_password(run, run.text(2), driver));
  NUBO_CHECK(run.call("chauth", {run.id(0), driver, password}));
  run.done(run.id(0),
           password.empty() ? "Auth driver changed" : "Auth driver and password changed");
  return 0;
}

Result<int> change_umask(Run& run) {
  return run.for_each([&](int id) -> Status {
    NUBO_TRY(const XmlDocument user, run.call_for_document("info", {id, false}));
    std::string text = template_text(user.root().child("TEMPLATE"), {"UMASK"});
    if (run.has(1)) text += fmt::format("\nUMASK = {}", run.text(1));
    NUBO_CHECK(run.call("update", {id, text, 0}));
    run.done(id, "umask changed");
    return ok();
  });
}

Result<int> encode_session(Run& run) {
  run.line(run.has(1)
               ? fmt::format("{}:{}", percent_encode(run.text(0)), percent_encode(run.text(1)))
               : percent_encode(run.text(0)));
  return 0;
}

Result<int> create_token(Run& run) {
  NUBO_TRY(const std::string user, token_user(run));
  const int seconds = run.options.number("time", 36000);
  NUBO_TRY(const std::string token, run.call_for_text("login", {user, std::string(), seconds,
                                                                run.options.number("group", -1)}));
  const std::string path = auth_file(run);
  NUBO_TRY(const bool write, may_write(run, path));
  if (write) NUBO_CHECK(run.shell.write_secret_file(path, fmt::format("{}:{}", user, token)));
  run.line(fmt::format("Authentication Token is:\n{}:{}", user, token));
  return 0;
}

Result<int> delete_token(Run& run) {
  const std::string wanted = run.text(run.arguments.size() - 1);
  const int id = -1;
  NUBO_TRY(const XmlDocument user, run.call_for_document("info", {id, false}));
  const XmlNode root = user.root();
  std::string found;
  for (const XmlNode& token : root.children("LOGIN_TOKEN")) {
    if (!token.get("TOKEN").starts_with(wanted)) continue;
    if (!found.empty()) {
      run.line("More than one token starts with the given prefix.");
      return 1;
    }
    found = token.get("TOKEN");
  }
  if (found.empty()) {
    run.line("No tokens found.");
    return 1;
  }
  NUBO_CHECK(
      run.call("login", {run.arguments.size() > 1 ? run.text(0) : root.get("NAME"), found, 0, -1}));
  run.line("Token removed.");
  return 0;
}

Result<int> delete_all_tokens(Run& run) {
  NUBO_CHECK(run.call("login", {run.text(0), std::string(), 0, -1}));
  return 0;
}

}  // namespace nubo::cli
