// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bench_daemon.h"
#include "tests/bench/benches.h"
#include "tests/bench/load_client.h"
#include "tests/bench/order_maker.h"
#include "tests/bench/report.h"
#include "tests/support/http_client.h"

#include <poll.h>

namespace gantry::bench {

namespace {

constexpr std::size_t ordersPerRequest = 500;

/// Asks until the daemon says that it is ready.
Result<void> waitUntilReady(std::uint16_t port)
{
    test::HttpClient client("127.0.0.1", port);
    for (int attempt = 0; attempt < 10'000; ++attempt) {
        const auto answer = client.request("GET", "/readyz");
        if (answer && answer->status == 200)
            return {};
        ::poll(nullptr, 0, 1);
    }
    return failure(ErrorCode::Unavailable, "The daemon was not ready within 10 s. Look at its log.");
}

} // namespace

Result<void> benchRecovery(const Options& options)
{
    const std::size_t requests =
        ((options.orders > 0 ? options.orders : 100'000) + ordersPerRequest - 1) / ordersPerRequest;
    const std::size_t orders = requests * ordersPerRequest;
    const OrderMaker maker;
    const TempFolder folder;
    const SilentService payment;
    auto daemon = test::DaemonProcess::start(folder.path(), loadSettings(payment));
    if (!daemon)
        return tl::unexpected(daemon.error());
    const auto idle = daemon->process().usage();
    const auto filled = runLoad({.port = daemon->httpPort(),
        .connections = 2,
        .requests = requests,
        .head = postHead("/v1/orders/batch", daemon->key()),
        .body = [&](std::size_t request) {
            return maker.batchJson(request * ordersPerRequest, ordersPerRequest);
        }});
    if (!filled)
        return tl::unexpected(filled.error());
    daemon->process().kill();
    const auto start = std::chrono::steady_clock::now();
    auto again = test::DaemonProcess::start(folder.path(), loadSettings(payment));
    if (!again)
        return tl::unexpected(again.error());
    if (auto ready = waitUntilReady(again->httpPort()); !ready)
        return ready;
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    const auto loaded = again->process().usage();
    Report("recovery")
        .number("seconds", taken.count(), 3)
        .count("orders", orders)
        .number("idle_rss_mb", static_cast<double>(idle.rssKiB) / 1024)
        .number("rss_mb", static_cast<double>(loaded.rssKiB) / 1024)
        .number("peak_rss_mb", static_cast<double>(loaded.peakRssKiB) / 1024)
        .number("bytes_per_open_order",
            static_cast<double>(loaded.rssKiB - idle.rssKiB) * 1024 / static_cast<double>(orders), 0)
        .print();
    again->process().terminate();
    return {};
}

} // namespace gantry::bench
