// SPDX-License-Identifier: Apache-2.0
// `list` and `top`: the pool in one call, or page by page when a person looks on.
#include <fmt/format.h>

#include "cli/listing.h"
#include "cli/render.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr std::string_view clear_screen = "\x1b[2J\x1b[H";

bool as_document(const Run& run) {
  return run.options.has("xml") || run.options.has("json") || run.options.has("yaml");
}

std::string pool_method(const Run& run, const Pool& pool) {
  return run.options.has("extended") && run.tool.pool == std::string_view("vm") && as_document(run)
             ? "vmpool.infoextended"
             : pool.method;
}

std::vector<Parameter> pool_parameters(const Run& run, const Pool& pool, int start, int end) {
  using Filter = Pool::Filter;
  if (pool.filter == Filter::none) return {};
  const int all = std::string_view(pool.key) == "hook" ? -1 : -2;
  std::vector<Parameter> parameters{run.id(0, all), start, end};
  if (pool.filter == Filter::range_and_query || start >= 0) {
    parameters.emplace_back(-1);
    parameters.emplace_back(run.options.get("search"));
  }
  return parameters;
}

// A page of JSON or YAML is counted in objects too, so that each page is a document of its own.
Result<int> print_documents(Run& run, const Pool& pool, int page_size) {
  std::string all;
  bool paged = false;
  for (int start = 0;; start += page_size) {
    NUBO_TRY(const XmlDocument document,
             run.call_for_document(
                 pool_method(run, pool),
                 pool_parameters(run, pool, page_size ? start : -1, page_size ? -page_size : -1)));
    const std::size_t count = document.root().children().size();
    if (start == 0 || count > 0) all += formatted(run.options, document.root()).value_or("");
    // Pages end with an empty one; only a first page that is not full tells that there is no other.
    if (page_size == 0 || count == 0 || (start == 0 && static_cast<int>(count) < page_size)) break;
    paged = true;
  }
  if (paged) {
    run.shell.page(all);
  } else {
    run.print(all);
  }
  return 0;
}

Result<int> print_table(Run& run, const Pool& pool, int page_size) {
  std::string all;
  bool paged = false;
  for (int start = 0;; start += page_size) {
    Listing listing(run, *run.tool.list);
    NUBO_TRY(const XmlDocument document,
             run.call_for_document(
                 pool_method(run, pool),
                 pool_parameters(run, pool, page_size ? start : -1, page_size ? -page_size : -1)));
    NUBO_CHECK(listing.prepare());
    const std::vector<XmlNode> objects = document.root().children(pool_element(pool));
    const bool more = page_size != 0 && static_cast<int>(objects.size()) >= page_size;
    paged = paged || more;
    listing.set_pool(document.root());
    listing.add(objects);
    listing.print(all, run.shell.terminal.out && !paged, start == 0);
    if (!more) break;
  }
  if (paged) {
    run.shell.page(all);
  } else {
    run.print(all);
  }
  return 0;
}

}  // namespace

std::string pool_element(const Pool& pool) {
  return pool.key == std::string_view("vntemplate") ? "VNTEMPLATE" : pool.resource;
}

Result<int> list_command(Run& run) {
  if (run.options.has("describe")) {
    Listing listing(run, *run.tool.list);
    NUBO_CHECK(listing.prepare());
    listing.describe();
    return 0;
  }
  const Pool& pool = *find_pool(run.tool.pool);
  const bool by_pages = run.shell.terminal.out && !run.options.has("no-pager") &&
                        (run.tool.name == "onevm" || run.tool.name == "oneimage") &&
                        run.shell.terminal.rows > 1;
  const int page_size = by_pages ? run.shell.terminal.rows - 1 : 0;
  return as_document(run) ? print_documents(run, pool, page_size)
                          : print_table(run, pool, page_size);
}

Result<int> top_command(Run& run) {
  const int delay = run.options.number("delay", 1);
  for (;;) {
    run.print(clear_screen);
    NUBO_TRY(const int code, list_command(run));
    if (code != 0) return code;
    run.shell.out.flush();
    run.shell.pause(std::chrono::seconds(delay));
  }
}

Status print_machines(Run& run, const std::function<bool(const XmlNode&)>& keep) {
  const Pool& pool = *find_pool("vm");
  Listing listing(run, *find_tool("onevm")->list);
  NUBO_TRY(const XmlNode machines, run.pool(pool));
  NUBO_CHECK(listing.prepare());
  std::vector<XmlNode> kept;
  for (const XmlNode& vm : machines.children("VM")) {
    if (keep(vm)) kept.push_back(vm);
  }
  listing.add(kept);
  std::string table;
  listing.print(table, run.shell.terminal.out, true);
  run.print(table);
  return ok();
}

}  // namespace nubo::cli
