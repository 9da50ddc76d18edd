// SPDX-License-Identifier: Apache-2.0
// Reading zones and VDCs (sheet api.md §7): one.zone.info, one.vdc.info and their pools.
#include "api/generic.h"

namespace nubo::api {

std::vector<Call> zone_calls() {
  return {
      {"one.zone.info", {an_id, a_decrypt_flag}, info<Zone>},
      {"one.zonepool.info", {}, whole_pool<Zone>},
      {"one.vdc.info", {an_id, a_decrypt_flag}, info<Vdc>},
      {"one.vdcpool.info", {}, whole_pool<Vdc>},
  };
}

}  // namespace nubo::api
