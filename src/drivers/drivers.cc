// SPDX-License-Identifier: Apache-2.0
#include "drivers/drivers.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "drivers/driver.h"

namespace nubo {

Drivers::Drivers(boost::asio::io_context& io, Timers& timers, DriverListener listener,
                 DriverWaits waits)
    : io_(io), timers_(timers), listener_(std::move(listener)), waits_(waits) {}

Drivers::~Drivers() = default;

Status Drivers::add(DriverConfig config) {
  std::string name = config.name;
  auto driver = std::make_unique<Driver>(std::move(config),
                                         Driver::Surroundings{io_, timers_, listener_, waits_});
  if (!drivers_.try_emplace(name, std::move(driver)).second)
    return fail(Code::internal, "driver {} is configured twice", name);
  return ok();
}

void Drivers::start() {
  for (const auto& [name, driver] : drivers_) driver->start();
}

std::int64_t Drivers::submit(const std::string& driver, driver::Request request, Done done) {
  const std::int64_t id = ++last_id_;
  request.id = id;
  boost::asio::post(
      io_, [this, driver, request = std::move(request), done = std::move(done)]() mutable {
        const auto found = drivers_.find(driver);
        if (found == drivers_.end())
          return done({End::not_asked, fmt::format("there is no driver {}", driver), {}});
        found->second->submit(std::move(request), std::move(done));
      });
  return id;
}

void Drivers::cancel(std::int64_t id) {
  boost::asio::post(io_, [this, id] {
    for (const auto& [name, driver] : drivers_)
      if (driver->cancel(id)) return;
  });
}

void Drivers::stop(Milliseconds drain, std::function<void()> stopped) {
  boost::asio::post(io_, [this, drain, stopped = std::move(stopped)] {
    if (drivers_.empty()) return stopped();
    const auto left = std::make_shared<std::size_t>(drivers_.size());
    const auto one_stopped = [left, stopped] {
      if (--*left == 0) stopped();
    };
    for (const auto& [name, driver] : drivers_) driver->stop(drain, one_stopped);
  });
}

std::vector<DriverStats> Drivers::stats() const {
  std::vector<DriverStats> stats;
  for (const auto& [name, driver] : drivers_) stats.push_back(driver->stats());
  return stats;
}

}  // namespace nubo
