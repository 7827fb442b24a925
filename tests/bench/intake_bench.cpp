// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bare_rows.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/benches.h"
#include "tests/bench/constant_server.h"
#include "tests/bench/load_client.h"
#include "tests/bench/order_maker.h"
#include "tests/bench/report.h"
#include "tests/support/http_client.h"
#include "tests/support/metric_text.h"
#include "tests/support/slow_clients.h"
#include "tests/support/test_certificate.h"

#include <algorithm>
#include <optional>
#include <poll.h>
#include <sys/resource.h>
#include <vector>

namespace gantry::bench {

namespace {

constexpr std::size_t manyConnections = 64;
constexpr std::size_t fewConnections = 4;
constexpr std::size_t warmUpOrders = 2000;

struct Plan {
    const Options& options;
    std::size_t orders = 0;
    std::size_t connections = 0;
    std::string target;
};

Plan planFor(const Options& options)
{
    const bool isBatched = options.batch > 1;
    return {options, options.orders > 0 ? options.orders : (isBatched ? 200'000U : 100'000U),
        options.connections > 0 ? options.connections : (isBatched ? fewConnections : manyConnections),
        isBatched ? "/v1/orders/batch" : "/v1/orders"};
}

/// `firstOrder`: so that no two loads of one daemon send the same order.
LoadPlan loadFor(const Plan& plan, const OrderMaker& maker, std::uint16_t port, const std::string& key,
    std::uint64_t firstOrder, std::size_t orders)
{
    const std::size_t batch = plan.options.batch;
    return {.port = port,
        .connections = plan.connections,
        .requests = orders / batch,
        .head = postHead(plan.target, key),
        .body = [&maker, firstOrder, batch](std::size_t request) {
            const std::uint64_t first = firstOrder + request * batch;
            return batch > 1 ? maker.batchJson(first, batch) : maker.json(first);
        }};
}

Result<double> constantRate(const Plan& plan, const OrderMaker& maker)
{
    const auto server = ConstantServer::start();
    if (!server)
        return tl::unexpected(server.error());
    const auto run = [&](std::size_t orders) {
        return runLoad(loadFor(plan, maker, server->port(), std::string(46, 'k'), 0, orders));
    };
    if (auto warm = run(warmUpOrders); !warm)
        return tl::unexpected(warm.error());
    const auto result = run(plan.orders);
    if (!result)
        return tl::unexpected(result.error());
    return result->requestsPerSecond * static_cast<double>(plan.options.batch);
}

Result<double> bareRate(std::size_t orders, std::size_t documentBytes)
{
    const TempFolder folder;
    const auto rate = writeBareRows({.directory = folder.path(),
        .plan = RowPlan::Intake,
        .orders = orders,
        .documentBytes = documentBytes});
    if (!rate)
        return tl::unexpected(rate.error());
    return rate->ordersPerSecond;
}

/// Every answer must say that the order is taken in and new.
Result<void> checkAnswers(const LoadResult& result, const Plan& plan)
{
    const int wanted = plan.options.batch > 1 ? 200 : 201;
    std::string others;
    for (const auto& [status, count] : result.statuses)
        if (status != wanted)
            others += ' ' + std::to_string(count) + " x " + std::to_string(status);
    if (!others.empty())
        return failure(
            ErrorCode::Internal, "Not every order was taken in:" + others + ". Last: " + result.lastBody);
    return {};
}

void report(const Plan& plan, LoadResult& result, double limit, const std::string& limitIs,
    const test::ProcessUsage& before, const test::ProcessUsage& after)
{
    const auto orders = static_cast<double>(plan.orders);
    Report(plan.options.batch > 1 ? "intake_batch" : "intake")
        .rate(orders / result.seconds, limit)
        .text("limit", limitIs)
        .number("p50_ms", result.latencies.milliseconds(0.5), 2)
        .number("p99_ms", result.latencies.milliseconds(0.99), 2)
        .number("max_ms", result.latencies.milliseconds(1), 2)
        .number("cpu_s_per_1000", (after.cpuSeconds - before.cpuSeconds) * 1000 / orders, 4)
        .number("peak_rss_mb", static_cast<double>(after.peakRssKiB) / 1024)
        .count("orders", plan.orders)
        .count("batch", plan.options.batch)
        .count("connections", plan.connections)
        .print();
}

/// One load at half the full rate, so that a request waits for what is done with it, not for its turn. Orders from `firstOrder` on.
Result<LoadResult> loadAtHalf(const Plan& plan, const OrderMaker& maker, test::DaemonProcess& daemon,
    std::uint64_t firstOrder, std::size_t orders, double fullRate)
{
    LoadPlan load = loadFor(plan, maker, daemon.httpPort(), daemon.key(), firstOrder, orders);
    load.requestsPerSecond = fullRate / static_cast<double>(plan.options.batch) / 2;
    auto result = runLoad(load);
    if (result)
        if (auto checked = checkAnswers(*result, plan); !checked)
            return tl::unexpected(checked.error());
    return result;
}

Result<void> measureLatency(
    const Plan& plan, const OrderMaker& maker, test::DaemonProcess& daemon, double fullRate)
{
    auto result = loadAtHalf(plan, maker, daemon, warmUpOrders + plan.orders,
        std::max<std::size_t>(plan.orders / 4, plan.options.batch), fullRate);
    if (!result)
        return tl::unexpected(result.error());
    Report("intake_latency")
        .number("orders_per_s", result->requestsPerSecond * static_cast<double>(plan.options.batch), 0)
        .number("p50_ms", result->latencies.milliseconds(0.5), 2)
        .number("p99_ms", result->latencies.milliseconds(0.99), 2)
        .number("max_ms", result->latencies.milliseconds(1), 2)
        .count("batch", plan.options.batch)
        .print();
    return {};
}

constexpr int slowRounds =
    3; ///< each once without slow clients and once with them, in turns: a machine drifts
constexpr std::chrono::milliseconds slowPace{1'000};
constexpr int looks = 3'000; ///< at the connections, a hundredth of a second apart

/// What several rounds of one kind came to.
struct SlowRounds {
    std::vector<double> p50{};
    std::vector<double> p99{};
    double median(std::vector<double> values) const
    {
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    }
};

/// Waits until so many connections are open: the load's of the round before are gone, or all slow clients are in.
Result<void> waitForConnections(test::HttpClient& watcher, const std::string& key, std::size_t wanted)
{
    for (int look = 0; look < looks; ++look) {
        const auto answer = watcher.request("GET", "/metrics", {{"Authorization", "Bearer " + key}});
        if (!answer)
            return tl::unexpected(answer.error());
        if (test::metricOf(answer->body, "gantry_http_connections") == static_cast<double>(wanted))
            return {};
        ::poll(nullptr, 0, 10);
    }
    return failure(ErrorCode::Unavailable, "The connections did not come to " + std::to_string(wanted) + '.');
}

void allowManyDescriptors()
{
    rlimit limits{};
    ::getrlimit(RLIMIT_NOFILE, &limits);
    limits.rlim_cur = limits.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limits);
}

void reportSlow(const Plan& plan, const SlowRounds& without, const SlowRounds& with, std::size_t ended,
    double requestsPerSecond)
{
    const double p99 = without.median(without.p99);
    const double p99WithSlow = with.median(with.p99);
    Report("intake_slow_clients")
        .number("orders_per_s", requestsPerSecond * static_cast<double>(plan.options.batch), 0)
        .number("p50_ms", with.median(with.p50), 2)
        .number("p99_ms", p99WithSlow, 2)
        .number("p50_without_ms", without.median(without.p50), 2)
        .number("p99_without_ms", p99, 2)
        .number("ratio", p99 > 0 ? p99WithSlow / p99 : 0, 3)
        .count("slow_clients", plan.options.slowClients)
        .count("slow_ended", ended)
        .count("connections", plan.connections)
        .count("rounds", slowRounds)
        .print();
}

Result<void> benchBesideSlowClients(const Plan& plan, const OrderMaker& maker)
{
    allowManyDescriptors();
    const TempFolder folder;
    const SilentService payment;
    const std::size_t slowClients = plan.options.slowClients;
    // The load's connections, the slow ones, and one that watches: with those the limit is reached.
    auto daemon =
        test::DaemonProcess::start(folder.path(), loadSettings(payment, plan.connections + slowClients + 1));
    if (!daemon)
        return tl::unexpected(daemon.error());
    const std::size_t orders = std::max<std::size_t>(plan.orders / 8, plan.options.batch);
    const auto full = runLoad(loadFor(plan, maker, daemon->httpPort(), daemon->key(), 0, orders));
    if (!full)
        return tl::unexpected(full.error());
    const double fullRate = full->requestsPerSecond * static_cast<double>(plan.options.batch);
    test::HttpClient watcher("127.0.0.1", daemon->httpPort());
    SlowRounds without;
    SlowRounds with;
    std::size_t ended = 0;
    double rate = 0;
    for (int round = 0; round < 2 * slowRounds; ++round) {
        const bool isSlow = round % 2 == 1;
        std::optional<test::SlowClients> slow;
        if (auto gone = waitForConnections(watcher, daemon->key(), 1); !gone)
            return gone;
        if (isSlow) {
            slow.emplace(
                test::SlowClients::Plan{daemon->httpPort(), slowClients, daemon->key(), true, slowPace});
            if (auto all = waitForConnections(watcher, daemon->key(), 1 + slowClients); !all)
                return all;
        }
        const auto firstOrder = static_cast<std::uint64_t>(round + 1) * orders;
        auto result = loadAtHalf(plan, maker, *daemon, firstOrder, orders, fullRate);
        if (!result)
            return tl::unexpected(result.error());
        SlowRounds& rounds = isSlow ? with : without;
        rounds.p50.push_back(result->latencies.milliseconds(0.5));
        rounds.p99.push_back(result->latencies.milliseconds(0.99));
        rate = result->requestsPerSecond;
        ended += slow ? slow->ended() : 0;
    }
    reportSlow(plan, without, with, ended, rate);
    return {};
}

constexpr int tlsRounds = 3; ///< each once in plain and once in TLS, in turns

Result<void> benchBesidePlain(const Plan& plan, const OrderMaker& maker)
{
    const TempFolder plainFolder;
    const TempFolder tlsFolder;
    const SilentService payment;
    const auto made = test::makeTestCertificate((tlsFolder.path() / "server").string());
    auto plain = test::DaemonProcess::start(plainFolder.path(), loadSettings(payment));
    if (!plain)
        return tl::unexpected(plain.error());
    auto tls = test::DaemonProcess::start(tlsFolder.path(),
        loadSettings(payment) + "\n[tls]\ncertificate_file = \"" + made.certificate + "\"\nkey_file = \""
            + made.key + "\"\n");
    if (!tls)
        return tl::unexpected(tls.error());
    const std::size_t orders = plan.orders / tlsRounds;
    std::vector<double> rates[2];
    double cpu[2] = {0, 0};
    for (int round = 0; round < 2 * tlsRounds; ++round) {
        const bool isTls = round % 2 == 1;
        test::DaemonProcess& daemon = isTls ? *tls : *plain;
        LoadPlan load = loadFor(plan, maker, daemon.httpPort(), daemon.key(),
            static_cast<std::uint64_t>(round / 2) * orders, orders);
        load.ca = isTls ? made.certificate : "";
        const auto before = daemon.process().usage().cpuSeconds;
        const auto result = runLoad(load);
        if (!result)
            return tl::unexpected(result.error());
        if (auto checked = checkAnswers(*result, plan); !checked)
            return checked;
        cpu[isTls] += daemon.process().usage().cpuSeconds - before;
        rates[isTls].push_back(result->requestsPerSecond * static_cast<double>(plan.options.batch));
    }
    for (std::vector<double>& each : rates)
        std::sort(each.begin(), each.end());
    const double plainRate = rates[0][tlsRounds / 2];
    const double tlsRate = rates[1][tlsRounds / 2];
    const double sent = static_cast<double>(orders * tlsRounds) / 1000;
    Report("intake_tls")
        .number("orders_per_s", tlsRate, 0)
        .number("plain_orders_per_s", plainRate, 0)
        .number("ratio", plainRate > 0 ? tlsRate / plainRate : 0, 3)
        .number("cpu_s_per_1000", cpu[1] / sent, 4)
        .number("plain_cpu_s_per_1000", cpu[0] / sent, 4)
        .count("batch", plan.options.batch)
        .count("connections", plan.connections)
        .count("rounds", tlsRounds)
        .print();
    return {};
}

} // namespace

Result<void> benchIntake(const Options& options)
{
    const Plan plan = planFor(options);
    const OrderMaker maker;
    if (options.slowClients > 0)
        return benchBesideSlowClients(plan, maker);
    if (options.tls)
        return benchBesidePlain(plan, maker);
    const bool isBatched = options.batch > 1;
    // The limit before and after: a machine that drifts shows, and the mean is nearer to what held in between.
    const auto limitOnce = [&] {
        return isBatched ? bareRate(plan.orders, maker.json(0).size()) : constantRate(plan, maker);
    };
    const auto before = limitOnce();
    if (!before)
        return tl::unexpected(before.error());
    const TempFolder folder;
    const SilentService payment;
    auto daemon = test::DaemonProcess::start(folder.path(), loadSettings(payment));
    if (!daemon)
        return tl::unexpected(daemon.error());
    const auto run = [&](std::uint64_t first, std::size_t orders) {
        return runLoad(loadFor(plan, maker, daemon->httpPort(), daemon->key(), first, orders));
    };
    if (auto warm = run(0, warmUpOrders); !warm)
        return tl::unexpected(warm.error());
    const auto usageBefore = daemon->process().usage();
    auto result = run(warmUpOrders, plan.orders);
    if (!result)
        return tl::unexpected(result.error());
    if (auto checked = checkAnswers(*result, plan); !checked)
        return checked;
    const auto usageAfter = daemon->process().usage();
    if (options.latency)
        if (auto done =
                measureLatency(plan, maker, *daemon, static_cast<double>(plan.orders) / result->seconds);
            !done)
            return done;
    daemon->process().terminate();
    const auto after = limitOnce();
    if (!after)
        return tl::unexpected(after.error());
    report(plan, *result, (*before + *after) / 2, isBatched ? "bare_rows" : "constant_answer", usageBefore,
        usageAfter);
    return {};
}

} // namespace gantry::bench
