// SPDX-License-Identifier: Apache-2.0
// DriverOutside: what API calls ask of the world outside the state, asked of driver programs. Any
// thread.
#pragma once

#include <functional>

#include "api/context.h"
#include "drivers/outcome.h"

namespace nubo {

class DriverOutside final : public api::Outside {
 public:
  DriverOutside(DriverCalls& drivers, const SecretAttributes& secrets)
      : drivers_(drivers), secrets_(secrets) {}

  void stat_image(const Datastore& datastore, const Template& attributes,
                  std::function<void(Result<long long>)> done) override;

 private:
  DriverCalls& drivers_;
  const SecretAttributes& secrets_;
};

}  // namespace nubo
