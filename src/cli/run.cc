// SPDX-License-Identifier: Apache-2.0
#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace nubo::cli {
namespace {

using Filter = Pool::Filter;

constexpr std::array pools{
    Pool{"vm", "VM", "vm", "vmpool.info", Filter::range_and_query},
    Pool{"host", "HOST", "host", "hostpool.info", Filter::none},
    Pool{"image", "IMAGE", "image", "imagepool.info", Filter::range},
    Pool{"vnet", "VNET", "vn", "vnpool.info", Filter::range},
    Pool{"template", "VMTEMPLATE", "template", "templatepool.info", Filter::range},
    Pool{"vntemplate", "VNTEMPLATE", "vntemplate", "vntemplatepool.info", Filter::range},
    Pool{"user", "USER", "user", "userpool.info", Filter::none},
    Pool{"group", "GROUP", "group", "grouppool.info", Filter::none},
    Pool{"cluster", "CLUSTER", "cluster", "clusterpool.info", Filter::none},
    Pool{"datastore", "DATASTORE", "datastore", "datastorepool.info", Filter::none},
    Pool{"secgroup", "SECURITY_GROUP", "secgroup", "secgrouppool.info", Filter::range},
    Pool{"vdc", "VDC", "vdc", "vdcpool.info", Filter::none},
    Pool{"zone", "ZONE", "zone", "zonepool.info", Filter::none},
    Pool{"vmgroup", "VM_GROUP", "vmgroup", "vmgrouppool.info", Filter::range},
    Pool{"vrouter", "VROUTER", "vrouter", "vrouterpool.info", Filter::range},
    Pool{"hook", "HOOK", "hook", "hookpool.info", Filter::range},
    Pool{"marketplace", "MARKETPLACE", "market", "marketpool.info", Filter::none},
    Pool{"app", "MARKETPLACEAPP", "marketapp", "marketapppool.info", Filter::range},
    Pool{"backupjob", "BACKUPJOB", "backupjob", "backupjobpool.info", Filter::range},
    Pool{"acl", "ACL", "acl", "acl.info", Filter::none},
};

std::vector<Parameter> whole_pool(const Pool& pool) {
  if (pool.filter == Filter::none) return {};
  // Hooks have no owner, so that -1 stands where others take -2 (all).
  const int all = std::string_view(pool.key) == "hook" ? -1 : -2;
  if (pool.filter == Filter::range) return {all, -1, -1};
  return {all, -1, -1, -1, std::string()};
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

const Pool* find_pool(std::string_view key) {
  for (const Pool& pool : pools) {
    if (key == pool.key) return &pool;
  }
  return nullptr;
}

std::string Run::text(std::size_t argument) const {
  return has(argument) ? arguments[argument].text : std::string();
}

int Run::id(std::size_t argument, int otherwise) const {
  if (!has(argument)) return otherwise;
  const Argument& given = arguments[argument];
  return given.id ? *given.id : leading_int(given.text);
}

std::vector<int> Run::targets() const {
  if (arguments.empty()) return {};
  const Argument& first = arguments.front();
  return first.id ? std::vector<int>{*first.id} : first.ids;
}

Result<Caller*> Run::caller() {
  if (!caller_) {
    const std::string endpoint = options.get("endpoint");
    if (options.has("grpc") || (!endpoint.empty() && endpoint.find("RPC2") == endpoint.npos)) {
      return fail(Code::api, "gRPC API not supported");
    }
    Account account{options.get("user"), options.get("password"), options.get("endpoint")};
    if (options.has("user") && !options.has("password")) {
      NUBO_TRY(account.password, shell.ask("Password: ", true));
    }
    NUBO_TRY(caller_, shell.connect(account));
  }
  return &*caller_;
}

Result<Answer> Run::call(std::string_view method, const std::vector<Parameter>& parameters) {
  NUBO_TRY(Caller* const function, caller());
  const Pool* own = find_pool(tool.pool);
  const bool complete = method.find('.') != method.npos || !own;
  return (*function)(
      complete ? fmt::format("one.{}", method) : fmt::format("one.{}.{}", own->api, method),
      parameters);
}

Result<int> Run::call_for_id(std::string_view method, const std::vector<Parameter>& parameters) {
  NUBO_TRY(const Answer answer, call(method, parameters));
  if (const int* number = std::get_if<int>(&answer)) return *number;
  return -1;
}

Result<std::string> Run::call_for_text(std::string_view method,
                                       const std::vector<Parameter>& parameters) {
  NUBO_TRY(Answer answer, call(method, parameters));
  if (std::string* text = std::get_if<std::string>(&answer)) return std::move(*text);
  return std::string();
}

Result<XmlDocument> Run::call_for_document(std::string_view method,
                                           const std::vector<Parameter>& parameters) {
  NUBO_TRY(const std::string body, call_for_text(method, parameters));
  return XmlDocument::parse(body);
}

Result<XmlNode> Run::pool(const Pool& pool) {
  const auto known = pools_.find(pool.key);
  if (known != pools_.end()) return known->second.root();
  NUBO_TRY(XmlDocument document, call_for_document(pool.method, whole_pool(pool)));
  return pools_.emplace(pool.key, std::move(document)).first->second.root();
}

Result<int> Run::find(const char* pool_key, const std::string& text) {
  if (all_digits(text)) return parse_number<int>(text).value_or(0);
  const Pool* wanted = find_pool(pool_key);
  if (!wanted) return fail(Code::internal, "there is no pool {}", pool_key);
  NUBO_TRY(const XmlNode all, pool(*wanted));
  std::vector<int> found;
  for (const XmlNode& object : all.children()) {
    if (object.child("NAME") && object.get("NAME") == text)
      found.push_back(leading_int(object.get("ID")));
  }
  if (found.empty()) return fail(Code::no_exists, "{} named {} not found.", wanted->resource, text);
  if (found.size() > 1) {
    return fail(Code::no_exists, "There are multiple {}s with name {}.", wanted->resource, text);
  }
  return found.front();
}

const std::map<std::string, std::string>& Run::names(const char* pool_key) {
  const auto known = names_.find(pool_key);
  if (known != names_.end()) return known->second;
  auto& table = names_[pool_key];
  if (const Result<XmlNode> all = pool(*find_pool(pool_key))) {
    for (const XmlNode& object : all->children())
      table.emplace(object.get("ID"), object.get("NAME"));
  }
  return table;
}

int Run::for_each(const std::function<Status(int)>& step) {
  int code = 0;
  for (const int target : targets()) {
    if (const Status status = step(target); !status) {
      error_line(status.error().message);
      code = 255;
    }
  }
  return code;
}

std::string Run::resource() const {
  const Pool* own = find_pool(tool.pool);
  return own ? own->resource : std::string();
}

void Run::done(int id, std::string_view what) {
  if (options.has("verbose")) line(fmt::format("{} {}: {}", resource(), id, what));
}

int leading_int(std::string_view text) {
  int value = 0;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace nubo::cli
