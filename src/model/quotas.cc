// SPDX-License-Identifier: Apache-2.0
#include "model/quotas.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/lists.h"

namespace nubo {
namespace {

// Large enough for any cloud, small enough that some of them still add up.
constexpr Amount largest = 1'000'000'000'000 * one_unit;
constexpr std::string_view used_suffix = "_USED";

constexpr std::array fixed_vm_metrics{
    "VMS",     "RUNNING_VMS",     "CPU",     "RUNNING_CPU",     "MEMORY",          "RUNNING_MEMORY",
    "PCI_DEV", "RUNNING_PCI_DEV", "PCI_NIC", "RUNNING_PCI_NIC", "SYSTEM_DISK_SIZE"};
static_assert(fixed_vm_metrics.size() == MetricPlaces::first_generic);

struct SectionRow {
  QuotaSection section;
  const char* name;
};

constexpr std::array sections{
    SectionRow{QuotaSection::datastore, "DATASTORE"}, SectionRow{QuotaSection::network, "NETWORK"},
    SectionRow{QuotaSection::vm, "VM"}, SectionRow{QuotaSection::image, "IMAGE"}};

const char* name_of(QuotaSection section) {
  return std::ranges::find(sections, section, &SectionRow::section)->name;
}

std::string cluster_text(const IdSet<ClusterTag>& clusters) {
  std::string list;
  for (const ClusterId id : clusters) {
    fmt::format_to(std::back_inserter(list), "{}{}", list.empty() ? "" : ",", id);
  }
  return list;
}

Vector keys_of(const QuotaEntry& entry, Form form) {
  Vector keys;
  if (entry.id >= 0) keys.set("ID", std::to_string(entry.id));
  if (!entry.clusters.empty()) keys.set("CLUSTER_IDS", cluster_text(entry.clusters));
  for (const auto& [metric, gauge] : entry.gauges) {
    keys.set(metric, amount_text(gauge.limit, form));
    keys.set(metric + std::string(used_suffix), amount_text(gauge.used, form));
  }
  return keys;
}

/// The ids of a list such as "0,101"; nothing when it is none.
std::optional<IdSet<ClusterTag>> parse_clusters(std::string_view list) {
  IdSet<ClusterTag> clusters;
  for (const std::string_view word : split(list)) {
    const auto id = parse_number<int>(word);
    if (!id || *id < 0) return {};
    clusters.insert(ClusterId{*id});
  }
  return clusters;
}

template <class List>
auto* find_entry(List& list, const QuotaKey& key) {
  const bool by_cluster = key.section == QuotaSection::vm && key.id != QuotaKey::all_clusters;
  const auto counts = [&](const QuotaEntry& entry) {
    if (key.section != QuotaSection::vm) return entry.id == key.id;
    return by_cluster ? entry.clusters.contains(ClusterId{key.id}) : entry.clusters.empty();
  };
  const auto found = std::ranges::find_if(list.entries, counts);
  return found == list.entries.end() ? nullptr : &*found;
}

Gauge gauge_of(const QuotaEntry* entry, const std::string& metric) {
  if (!entry) return {};
  const auto found = entry->gauges.find(metric);
  return found == entry->gauges.end() ? Gauge{} : found->second;
}

/// Whether it says nothing that its absence would not say.
bool is_idle(const QuotaEntry& entry, LimitsOf whom) {
  const bool inherits = whom == LimitsOf::one_account && entry.clusters.empty();
  const Amount nothing = inherits ? limit_by_default : unlimited;
  return std::ranges::all_of(entry.gauges, [&](const auto& each) {
    return each.second.limit == nothing && (!inherits || each.second.used == 0);
  });
}

void drop_if_idle(QuotaList& list, const QuotaEntry& entry, LimitsOf whom) {
  if (!is_idle(entry, whom)) return;
  list.entries.erase(list.entries.begin() + (&entry - list.entries.data()));
}

Failure bad_format(const char* section, const Vector& given) {
  std::string keys;
  for (const auto& [key, value] : given) {
    fmt::format_to(std::back_inserter(keys), "{}{}={}", keys.empty() ? "" : ",", key, value);
  }
  return fail(Code::action, "Negative limits or bad format in quota {} = [ {} ]", section, keys);
}

/// The entry that a vector names: a known one or a new one behind the others.
Result<QuotaEntry*> entry_for(QuotaList& list, QuotaSection section, const Vector& given,
                              const QuotaMetrics& metrics) {
  QuotaEntry wanted;
  if (section == QuotaSection::vm) {
    const auto clusters = parse_clusters(given.get("CLUSTER_IDS"));
    if (!clusters) return bad_format(name_of(section), given);
    wanted.clusters = *clusters;
  } else {
    wanted.id = given.number<int>("ID").value_or(-1);
    if (wanted.id < 0) return bad_format(name_of(section), given);
  }
  for (QuotaEntry& entry : list.entries) {
    if (entry.id == wanted.id && entry.clusters == wanted.clusters) return &entry;
    const auto shared = std::ranges::find_if(
        wanted.clusters, [&](const ClusterId id) { return entry.clusters.contains(id); });
    if (shared == wanted.clusters.end()) continue;
    return fail(Code::action, "Cluster {} is already in the quota of clusters {}", *shared,
                cluster_text(entry.clusters));
  }
  for (const std::string& metric : metrics.of(section)) wanted.gauges[metric];
  return &list.entries.emplace_back(std::move(wanted));
}

/// One limit as a vector gives it; nothing when it is not allowed.
std::optional<Amount> limit_in(const Vector& given, const std::string& metric, Amount otherwise) {
  const auto amount = parse_amount(given.get(metric));
  if (!amount) return otherwise;
  const bool is_special =
      *amount == unlimited || (*amount == limit_by_default && otherwise == limit_by_default);
  if (*amount < 0 && !is_special) return {};
  return amount;
}

struct LimitOrder {
  QuotaSection section;
  LimitsOf whom;
  const QuotaMetrics& metrics;
};

Status set_entry(QuotaList& list, const Vector& given, const LimitOrder& order) {
  NUBO_TRY(QuotaEntry* const entry, entry_for(list, order.section, given, order.metrics));
  const bool everybody = order.whom == LimitsOf::everybody;
  for (const std::string& metric : order.metrics.of(order.section)) {
    const auto limit = limit_in(given, metric, everybody ? unlimited : limit_by_default);
    if (!limit) return bad_format(name_of(order.section), given);
    const bool has_default = entry->clusters.empty() || *limit != limit_by_default;
    entry->gauges[metric].limit = has_default ? *limit : unlimited;
  }
  drop_if_idle(list, *entry, order.whom);
  return ok();
}

Status check_defaults(const Template& given) {
  const auto entries = given.vectors("VM");
  if (entries.size() > 1) {
    return fail(Code::action, "Only one default VM quota can be defined");
  }
  if (!entries.empty() && entries[0]->contains("CLUSTER_IDS")) {
    return fail(Code::action, "CLUSTER_IDS attribute is not allowed for default VM quota");
  }
  return ok();
}

}  // namespace

Amount whole_amount(long long number) {
  constexpr Amount most = largest / one_unit;
  return std::clamp(number, -most, most) * one_unit;
}

std::optional<Amount> parse_amount(std::string_view text) {
  constexpr Amount most = largest / one_unit;
  const std::size_t point = text.find('.');
  const auto whole = parse_number<long long>(text.substr(0, point));
  if (whole && point == std::string_view::npos) return whole_amount(*whole);
  const auto number = parse_number<double>(text);
  if (!number || std::isnan(*number)) return {};
  const double limit = static_cast<double>(most);
  return std::llround(std::clamp(*number, -limit, limit) * static_cast<double>(one_unit));
}

std::string amount_text(Amount amount, Form form) {
  if (amount % one_unit == 0) return std::to_string(amount / one_unit);
  const int digits = form == Form::shown ? 2 : 6;
  return fmt::format("{:.{}f}", static_cast<double>(amount) / static_cast<double>(one_unit),
                     digits);
}

void write_field(XmlWriter& out, std::string_view name, const QuotaList& list, unsigned flags) {
  const std::string_view element = name.substr(0, name.rfind("_QUOTA"));
  out.open(name);
  for (const QuotaEntry& entry : list.entries) {
    out.open(element);
    const Form form = flags & in_shown ? Form::shown : Form::stored;
    for (const auto& [key, value] : keys_of(entry, form)) out.cdata(key, value);
    out.close(element);
  }
  out.close(name);
}

void read_field(const XmlNode& element, QuotaList& list) {
  for (const XmlNode& child : element.children()) {
    QuotaEntry& entry = list.entries.emplace_back();
    for (const XmlNode& key : child.children()) {
      const std::string name(key.name());
      if (name == "ID") {
        entry.id = parse_number<int>(key.text()).value_or(-1);
      } else if (name == "CLUSTER_IDS") {
        entry.clusters = parse_clusters(key.text()).value_or(IdSet<ClusterTag>{});
      } else if (name.ends_with(used_suffix)) {
        const std::string metric = name.substr(0, name.size() - used_suffix.size());
        entry.gauges[metric].used = parse_amount(key.text()).value_or(0);
      } else {
        entry.gauges[name].limit = parse_amount(key.text()).value_or(limit_by_default);
      }
    }
  }
}

const QuotaList& Quotas::of(QuotaSection section) const {
  switch (section) {
    case QuotaSection::network:
      return network;
    case QuotaSection::vm:
      return vm;
    case QuotaSection::image:
      return image;
    case QuotaSection::datastore:
      break;
  }
  return datastore;
}

QuotaList& Quotas::of(QuotaSection section) {
  return const_cast<QuotaList&>(std::as_const(*this).of(section));
}

QuotaMetrics::QuotaMetrics(std::vector<std::string> generic)
    : generic_(std::move(generic)),
      network_{"LEASES"},
      vm_(fixed_vm_metrics.begin(), fixed_vm_metrics.end()),
      image_{"RVMS"},
      datastore_{"SIZE", "IMAGES"} {
  for (const std::string& name : generic_) {
    vm_.push_back(name);
    vm_.push_back("RUNNING_" + name);
  }
}

const QuotaMetrics& QuotaMetrics::standard() {
  static const QuotaMetrics standard;
  return standard;
}

const std::vector<std::string>& QuotaMetrics::of(QuotaSection section) const {
  switch (section) {
    case QuotaSection::network:
      return network_;
    case QuotaSection::vm:
      return vm_;
    case QuotaSection::image:
      return image_;
    case QuotaSection::datastore:
      break;
  }
  return datastore_;
}

std::string refusal(const Quotas& own, const Quotas& defaults, const QuotaKey& key, Amount more,
                    const QuotaMetrics& metrics) {
  const std::string& metric = metrics.of(key.section).at(static_cast<std::size_t>(key.metric));
  const QuotaEntry* entry = find_entry(own.of(key.section), key);
  const Gauge gauge = gauge_of(entry, metric);
  Amount limit = gauge.limit;
  if (limit == limit_by_default) {
    limit = gauge_of(find_entry(defaults.of(key.section), key), metric).limit;
  }
  // Without a limit, what can still be counted is one.
  if (limit < 0) limit = std::numeric_limits<Amount>::max() - largest;
  if (more <= limit - gauge.used) return "";
  std::string id = std::to_string(key.id);
  if (key.section == QuotaSection::vm) id = entry ? cluster_text(entry->clusters) : "";
  return fmt::format("limit of {} reached for {} quota in {}{}{}", amount_text(limit, Form::shown),
                     metric, name_of(key.section), id.empty() ? "" : " with ID: ", id);
}

void post(Quotas& quotas, const QuotaKey& key, Amount difference, const QuotaMetrics& metrics) {
  QuotaList& list = quotas.of(key.section);
  QuotaEntry* entry = find_entry(list, key);
  const bool is_vm = key.section == QuotaSection::vm;
  if (!entry) {
    if (is_vm && key.id != QuotaKey::all_clusters) return;
    entry = &list.entries.emplace_back();
    if (!is_vm) entry->id = key.id;
    for (const std::string& metric : metrics.of(key.section)) entry->gauges[metric];
  }
  entry->gauges[metrics.of(key.section).at(static_cast<std::size_t>(key.metric))].used +=
      difference;
  drop_if_idle(list, *entry, LimitsOf::one_account);
}

Quotas without_usage(const Quotas& quotas, const QuotaMetrics& metrics) {
  Quotas empty = quotas;
  for (const SectionRow& row : sections) {
    for (QuotaEntry& entry : empty.of(row.section).entries) {
      const auto before = std::exchange(entry.gauges, {});
      const Amount new_limit = entry.clusters.empty() ? limit_by_default : unlimited;
      for (const std::string& metric : metrics.of(row.section)) {
        const auto known = before.find(metric);
        entry.gauges[metric].limit = known == before.end() ? new_limit : known->second.limit;
      }
    }
  }
  return empty;
}

void drop_idle(Quotas& quotas) {
  for (const SectionRow& row : sections) {
    std::erase_if(quotas.of(row.section).entries,
                  [](const QuotaEntry& entry) { return is_idle(entry, LimitsOf::one_account); });
  }
}

Status set_limits(Quotas& quotas, const Template& given, LimitsOf whom,
                  const QuotaMetrics& metrics) {
  if (whom == LimitsOf::everybody) NUBO_CHECK(check_defaults(given));
  for (const SectionRow& row : sections) {
    for (const Vector* each : given.vectors(row.name)) {
      NUBO_CHECK(set_entry(quotas.of(row.section), *each, {row.section, whom, metrics}));
    }
  }
  return ok();
}

}  // namespace nubo
