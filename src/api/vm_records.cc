// SPDX-License-Identifier: Apache-2.0
// What VMs have used: one.vmpool.accounting, showback, calculateshowback (sheets api.md §7,
// vm-lifecycle.md §9). Both are worked out from the history when they are asked for.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include "api/vm_lists.h"

namespace nubo::api {
namespace {

constexpr int open_end = -1;

struct Times {
  EpochSeconds from{}, to{};  // 0: open
};

/// Calls `record` for each VM of the filter flag that was there in that time, by ascending id.
Status for_each_selected(const Context& call, const Times& times,
                         const std::function<Status(const Vm&)>& record) {
  const VmSelection selection{
      .flag = call.args.integer(0), .started_before = times.to, .ended_after = times.from};
  return for_each_vm(call, selection, [&record](const ListedVm& listed) -> Result<bool> {
    NUBO_TRY(const Ptr<Vm> vm, listed.object());
    if (vm) NUBO_CHECK(record(*vm));
    return true;
  });
}

// --- accounting ---------------------------------------------------------------------------------

bool is_within(const History& record, int start, int end) {
  const bool is_late_enough = start == open_end || record.end_time == EpochSeconds{} ||
                              record.end_time.count() > start;
  return is_late_enough && (end == open_end || record.start_time.count() < end);
}

std::string body_without_history(const Vm& vm) {
  Vm body = vm;
  body.history.list.clear();
  return to_xml(Vm::root, body, Form::shown);
}

void write_records(XmlWriter& out, const Vm& vm, int start, int end) {
  std::string body;
  for (const History& record : vm.history.list) {
    if (!is_within(record, start, end)) continue;
    if (body.empty()) body = body_without_history(vm);
    out.open("HISTORY");
    write_fields(out, record, Form::shown);
    out.raw(body);
    out.close("HISTORY");
  }
}

Result<Value> accounting(const Context& call) {
  const int start = call.args.integer(1);
  const int end = call.args.integer(2);
  std::string document;
  XmlWriter out(document);
  out.open("HISTORY_RECORDS");
  const Times times{EpochSeconds(std::max(start, 0)), EpochSeconds(std::max(end, 0))};
  const auto record = [&](const Vm& vm) -> Status {
    write_records(out, vm, start, end);
    return check_answer_size(document.size());
  };
  NUBO_CHECK(for_each_selected(call, times, record));
  out.close("HISTORY_RECORDS");
  return Value(std::move(document));
}

// --- showback -----------------------------------------------------------------------------------

struct Month {
  int year = 0;
  int month = 0;  // 1 to 12

  auto operator<=>(const Month&) const = default;

  Month next() const { return month == 12 ? Month{year + 1, 1} : Month{year, month + 1}; }
};

Month month_of(std::time_t time) {
  std::tm parts{};
  ::localtime_r(&time, &parts);
  return {parts.tm_year + 1900, parts.tm_mon + 1};
}

std::time_t begin_of(Month month) {
  std::tm parts{};
  parts.tm_year = month.year - 1900;
  parts.tm_mon = month.month - 1;
  parts.tm_mday = 1;
  parts.tm_isdst = -1;
  return std::mktime(&parts);
}

struct Prices {
  double cpu = 0, memory = 0, disk = 0;  // per hour and core, MB, MB
  bool only_running = false;
};

struct Cost {
  double cpu = 0, memory = 0, disk = 0, hours = 0, running_hours = 0;
};

Prices prices_of(const Vm& vm, const Settings& settings) {
  const Vector* defaults = settings.config.vector("DEFAULT_COST");
  const auto price = [&](const char* key) {
    if (const auto own = vm.system.number<double>(key)) return *own;
    return defaults ? defaults->number<double>(key).value_or(0) : 0.0;
  };
  return {price("CPU_COST"), price("MEMORY_COST"), price("DISK_COST"),
          settings.config.yes("SHOWBACK_ONLY_RUNNING")};
}

double disk_mb(const Vm& vm) {
  double size = 0;
  for (const Vector* disk : vm.system.vectors("DISK")) {
    size += disk->number<double>("SIZE").value_or(0) +
            disk->number<double>("DISK_SNAPSHOT_TOTAL_SIZE").value_or(0);
  }
  return size;
}

struct Span {
  std::time_t from = 0, to = 0;

  double hours_in(const Span& other) const {
    const auto common = std::min(to, other.to) - std::max(from, other.from);
    return common > 0 ? static_cast<double>(common) / 3600 : 0;
  }
};

Span span_of(EpochSeconds from, EpochSeconds to, EpochSeconds now) {
  if (from == EpochSeconds{}) return {};
  return {from.count(), to == EpochSeconds{} ? now.count() : to.count()};
}

void add_record(std::map<Month, Cost>& months, const History& record, const Vm& vm,
                const Prices& prices, EpochSeconds now) {
  const Span stay = span_of(record.start_time, record.end_time, now);
  const Span running = span_of(record.running_start, record.running_end, now);
  const double cpu = vm.system.number<double>("CPU").value_or(0);
  const double memory = vm.system.number<double>("MEMORY").value_or(0);
  for (Month month = month_of(stay.from); begin_of(month) < stay.to; month = month.next()) {
    const Span whole{begin_of(month), begin_of(month.next())};
    const double hours = stay.hours_in(whole);
    const double running_hours = running.hours_in(whole);
    const double charged = prices.only_running ? running_hours : hours;
    Cost& cost = months[month];
    cost.hours += hours;
    cost.running_hours += running_hours;
    cost.cpu += prices.cpu * cpu * charged;
    cost.memory += prices.memory * memory * charged;
    cost.disk += prices.disk * disk_mb(vm) * hours;
  }
}

/// Whole values without a point, others with two digits.
std::string amount(double value) {
  if (value == std::floor(value)) return fmt::format("{:.0f}", value);
  return fmt::format("{:.2f}", value);
}

std::string cost_document(const Vm& vm, Month month, const Cost& cost) {
  std::string document;
  XmlWriter out(document);
  out.open("SHOWBACK");
  out.number("VMID", vm.id.value);
  out.text("VMNAME", vm.name);
  out.number("UID", vm.uid.value);
  out.number("GID", vm.gid.value);
  out.text("UNAME", vm.uname);
  out.text("GNAME", vm.gname);
  out.number("YEAR", month.year);
  out.number("MONTH", month.month);
  for (const auto& [name, value] :
       {std::pair{"CPU_COST", cost.cpu}, std::pair{"MEMORY_COST", cost.memory},
        std::pair{"DISK_COST", cost.disk},
        std::pair{"TOTAL_COST", cost.cpu + cost.memory + cost.disk},
        std::pair{"HOURS", cost.hours}, std::pair{"RHOURS", cost.running_hours}}) {
    out.text(name, amount(value));
  }
  out.close("SHOWBACK");
  return document;
}

/// A bound that both month and year of a call give, within what a calendar can be asked for: before
/// or after all months there are.
std::optional<Month> bound(const Context& call, std::size_t place) {
  constexpr int last_year = 9999;
  const int year = call.args.integer(place + 1);
  const int month = call.args.integer(place);
  if (year == open_end || month == open_end) return {};
  return Month{std::clamp(year, 0, last_year), std::clamp(month, 0, 13)};
}

Result<Value> showback(const Context& call) {
  const EpochSeconds now = call.env.clock.now();
  const auto first = bound(call, 1);
  const auto last = bound(call, 3);
  std::map<Month, std::string> documents;  // of the VMs by id
  const Times times{first ? EpochSeconds(begin_of(*first)) : EpochSeconds{},
                    last ? EpochSeconds(begin_of(last->next())) : EpochSeconds{}};
  const auto record = [&](const Vm& vm) -> Status {
    std::map<Month, Cost> months;
    const Prices prices = prices_of(vm, call.settings());
    for (const History& stay : vm.history.list) add_record(months, stay, vm, prices, now);
    for (const auto& [month, cost] : months) {
      if ((first && month < *first) || (last && *last < month)) continue;
      documents[month] += cost_document(vm, month, cost);
      NUBO_CHECK(check_answer_size(documents[month].size()));
    }
    return ok();
  };
  NUBO_CHECK(for_each_selected(call, times, record));
  std::string document = "<SHOWBACK_RECORDS>";
  for (const auto& [month, costs] : documents) document += costs;
  NUBO_CHECK(check_answer_size(document.size()));
  return Value(document + "</SHOWBACK_RECORDS>");
}

/// Nothing is to be calculated ahead. The blank is what clients expect.
Result<Value> calculateshowback(const Context& call) {
  if (call.caller.gid != oneadmin_group) {
    return fail(Code::authorization, "User [{}] : Action reserved for group 0 only.",
                call.caller.uid);
  }
  return Value(" ");
}

}  // namespace

std::vector<Call> vm_record_calls() {
  const auto number = [](const char* name) { return Parameter{name, Type::integer}; };
  return {
      {"one.vmpool.accounting", {number("filter"), number("start_time"), number("end_time")},
       accounting},
      {"one.vmpool.showback",
       {number("filter"), number("first_month"), number("first_year"), number("last_month"),
        number("last_year")},
       showback},
      {"one.vmpool.calculateshowback",
       {number("first_month"), number("first_year"), number("last_month"), number("last_year")},
       calculateshowback},
  };
}

}  // namespace nubo::api
