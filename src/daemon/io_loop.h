// SPDX-License-Identifier: Apache-2.0
// The loop of the io thread.
#pragma once

#include <boost/asio/io_context.hpp>

namespace nubo {

/// Runs what comes until `io` is stopped or out of work. While one thing comes soon after the other
/// it looks for the next before it sleeps, and lets other threads go first.
void run_attentively(boost::asio::io_context& io);

}  // namespace nubo
