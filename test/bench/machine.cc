// SPDX-License-Identifier: Apache-2.0
#include "bench/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <thread>

#include "base/fd.h"
#include "bench/latencies.h"

namespace nubo::bench {
namespace {

// Nanoseconds of a fixed piece of work; volatile, so that it is done.
double time_of_work() {
  const auto began = Steady::now();
  volatile std::uint64_t value = 1;
  for (int i = 0; i < 2'000'000; ++i) value = value * 6364136223846793005U + 1U;
  return Seconds(Steady::now() - began).count();
}

// Slowest against fastest of some runs, in percent.
double noise_percent() {
  std::array<double, 50> times{};
  for (double& time : times) time = time_of_work();
  const auto [fastest, slowest] = std::ranges::minmax(times);
  return 100 * (slowest / fastest - 1);
}

double syncs_per_second(const std::filesystem::path& directory) {
  const auto path = directory / "sync";
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::string row(3000, 'x');
  constexpr int count = 500;
  const auto began = Steady::now();
  for (int i = 0; i < count; ++i) {
    if (::write(file.get(), row.data(), row.size()) < 0 || ::fdatasync(file.get()) < 0) return 0;
  }
  const double per_second = count / Seconds(Steady::now() - began).count();
  std::filesystem::remove(path);
  return per_second;
}

}  // namespace

std::string describe_machine(const std::filesystem::path& directory) {
  std::array<double, 1> load{};
  ::getloadavg(load.data(), 1);
  return fmt::format(
      "{} cores, load {:.1f}, a fixed piece of work varies by {:.0f} %, {:.0f} fdatasync of 3 KB "
      "per second",
      std::thread::hardware_concurrency(), load[0], noise_percent(), syncs_per_second(directory));
}

}  // namespace nubo::bench
