// SPDX-License-Identifier: Apache-2.0
// Limits and usage of a user or a group (sheets objects.md §6.7, xml.md §3.4): one entry per
// datastore, network and image, one or more for VMs. Plain data and the rules over one account; who
// is charged for what stands in charges.h, and Draft::settle_quotas() does the charging.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "text/fields.h"

namespace nubo {

/// Millionths of a unit, so that fractions of a core add up and cancel out exactly.
using Amount = long long;
inline constexpr Amount one_unit = 1'000'000;
inline constexpr Amount limit_by_default = -1 * one_unit;  // that of all users, of all groups
inline constexpr Amount unlimited = -2 * one_unit;

/// Cut off where the number is absurdly large.
Amount whole_amount(long long number);
/// The number in a text, cut off likewise; nothing when it is no number.
std::optional<Amount> parse_amount(std::string_view text);
/// Shown: whole numbers without a point, others with two digits. Stored: all digits.
std::string amount_text(Amount amount, Form form);

/// In the order in which they are tested.
enum class QuotaSection : std::uint8_t { network, vm, image, datastore };

struct Gauge {
  Amount limit = limit_by_default;
  Amount used = 0;

  bool operator==(const Gauge&) const = default;
};

struct QuotaEntry {
  int id = -1;                 // of the datastore, network or image; none for VMs
  IdSet<ClusterTag> clusters;  // a VM entry for these only
  std::map<std::string, Gauge, std::less<>> gauges;  // by metric: "SIZE", "RUNNING_VMS" …

  bool operator==(const QuotaEntry&) const = default;
};

/// Entries in the order of their making.
struct QuotaList {
  std::vector<QuotaEntry> entries;

  bool operator==(const QuotaList&) const = default;
};

void write_field(XmlWriter& out, std::string_view name, const QuotaList& list, unsigned flags);
void read_field(const XmlNode& element, QuotaList& list);

struct Quotas {
  QuotaList datastore;
  QuotaList network;
  QuotaList vm;
  QuotaList image;

  bool operator==(const Quotas&) const = default;

  QuotaList& of(QuotaSection section);
  const QuotaList& of(QuotaSection section) const;

  template <class S = Quotas>
  static constexpr auto fields() {
    return std::tuple{Field{"DATASTORE_QUOTA", &S::datastore}, Field{"NETWORK_QUOTA", &S::network},
                      Field{"VM_QUOTA", &S::vm}, Field{"IMAGE_QUOTA", &S::image}};
  }
};

/// The metrics of each section: the fixed ones and, for VMs, X and RUNNING_X for each attribute
/// that QUOTA_VM_ATTRIBUTE of oned.conf names.
class QuotaMetrics {
 public:
  explicit QuotaMetrics(std::vector<std::string> generic = {});

  /// Those without any generic one.
  static const QuotaMetrics& standard();

  const std::vector<std::string>& of(QuotaSection section) const;

  const std::vector<std::string>& generic() const { return generic_; }

 private:
  std::vector<std::string> generic_;
  std::vector<std::string> network_, vm_, image_, datastore_;
};

/// Places in QuotaMetrics::of(): a VM's come in pairs, the second one counts it while it runs.
struct MetricPlaces {
  static constexpr int leases = 0, running_vms_of_image = 0;
  static constexpr int size = 0, images = 1;
  static constexpr int vms = 0, cpu = 2, memory = 4, pci_devices = 6, pci_nics = 8;
  static constexpr int system_disk_size = 10, first_generic = 11;
};

/// What one gauge counts.
struct QuotaKey {
  QuotaSection section;
  int id;      // of the object; for VMs the cluster, or all_clusters
  int metric;  // place in QuotaMetrics::of(section)

  static constexpr int all_clusters = std::numeric_limits<int>::max();  // tested after the others

  auto operator<=>(const QuotaKey&) const = default;
};

/// "limit of 2 reached for CPU quota in VM" when the entry that counts `key` has no room for
/// `more`; "" when it has, or when there is no such entry.
std::string refusal(const Quotas& own, const Quotas& defaults, const QuotaKey& key, Amount more,
                    const QuotaMetrics& metrics);

/// Adds to the usage. An entry is made on first use (not for clusters) and goes when it neither
/// limits nor counts anything.
void post(Quotas& quotas, const QuotaKey& key, Amount difference, const QuotaMetrics& metrics);

/// For a recount: no usage, and the gauges of today's metrics.
Quotas without_usage(const Quotas& quotas, const QuotaMetrics& metrics);
/// Takes entries out that neither limit nor count anything.
void drop_idle(Quotas& quotas);

enum class LimitsOf { one_account, everybody };

/// Puts the limits of VM=[…], DATASTORE=[ID=…], NETWORK=[ID=…] and IMAGE=[ID=…] in place: an entry
/// that is named is set as a whole, others stay. Code::action; the quotas are then half changed.
Status set_limits(Quotas& quotas, const Template& given, LimitsOf whom,
                  const QuotaMetrics& metrics);

}  // namespace nubo
