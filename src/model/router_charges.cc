// SPDX-License-Identifier: Apache-2.0
#include "model/router_charges.h"

namespace nubo {

Bill bill_of(const VirtualRouter& router, const QuotaMetrics&) {
  Bill bill{router.uid, router.gid, {}};
  for (const Vector* nic : router.attributes.vectors("NIC")) {
    const auto id = nic->number<int>("NETWORK_ID");
    if (!id || !nic->yes("FLOATING_IP")) continue;
    bill.add(QuotaSection::network, *id, MetricPlaces::leases, one_unit);
  }
  return bill;
}

}  // namespace nubo
