// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/link.h"
#include "shared/protocol/json_reader.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/benches.h"
#include "tests/bench/fan_out.h"
#include "tests/bench/load_client.h"
#include "tests/bench/order_maker.h"
#include "tests/bench/report.h"
#include "tests/bench/subscribers.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <charconv>
#include <optional>

namespace gantry::bench {

namespace {

constexpr std::size_t recordBytes = 32UL * 1024 * 1024;
constexpr std::chrono::seconds patience{60};
constexpr int eventLoopMs = 5;

/// Runs this thread's events until the condition holds. Errors: Unavailable.
template <typename Condition>
Result<void> runUntil(Condition condition, const char* what)
{
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until)
            return failure(ErrorCode::Unavailable, std::string(what) + " did not come within a minute.");
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents, eventLoopMs);
    }
    return {};
}

/// Loads orders in on a thread of its own, while this one runs its events.
class BackgroundLoad {
public:
    explicit BackgroundLoad(LoadPlan plan)
        : m_plan(std::move(plan))
        , m_thread([this] {
            m_result.emplace(runLoad(m_plan));
            m_isDone = true;
        })
    {
    }
    BackgroundLoad(const BackgroundLoad&) = delete;
    BackgroundLoad& operator=(const BackgroundLoad&) = delete;
    ~BackgroundLoad()
    {
        if (m_thread.joinable())
            m_thread.join();
    }
    Result<LoadResult> finish()
    {
        while (!m_isDone)
            QCoreApplication::processEvents(QEventLoop::AllEvents, eventLoopMs);
        m_thread.join();
        return std::move(*m_result);
    }

private:
    LoadPlan m_plan;
    std::optional<Result<LoadResult>> m_result;
    std::atomic<bool> m_isDone{false};
    std::thread m_thread;
};

/// The daemon, the orders that come in, and who looks on.
class EventsBench {
public:
    EventsBench(test::DaemonProcess& daemon, const Options& options)
        : m_daemon(daemon)
        , m_orders(options.orders > 0 ? options.orders : 100'000)
        , m_batch(options.batch > 1 ? options.batch : 100)
        , m_consoles(options.consoles)
    {
    }

    Result<void> run()
    {
        auto profile = console::loadProfile(m_daemon.dataDir() + "/admin.profile");
        if (!profile)
            return tl::unexpected(profile.error());
        m_profile = std::move(*profile);
        if (auto warm = load(m_orders / 10); !warm)
            return tl::unexpected(warm.error());
        const auto before = load(m_orders / 2);
        if (auto measured = measure(); !measured)
            return measured;
        const auto after = load(m_orders / 2);
        if (!before || !after)
            return tl::unexpected(before ? after.error() : before.error());
        m_aloneRate = (*before + *after) / 2;
        const auto limit = measureFanOut(m_recorded, m_consoles);
        if (!limit)
            return tl::unexpected(limit.error());
        report(*limit);
        return {};
    }

private:
    LoadPlan plan(std::size_t orders)
    {
        const std::uint64_t first = m_sent;
        m_sent += orders;
        return {.port = m_daemon.httpPort(),
            .connections = 4,
            .requests = orders / m_batch,
            .head = postHead("/v1/orders/batch", m_daemon.key()),
            .body = [this, first](std::size_t request) {
                return m_maker.batchJson(first + request * m_batch, m_batch);
            }};
    }

    /// Orders a second.
    Result<double> load(std::size_t orders)
    {
        auto result = BackgroundLoad(plan(orders)).finish();
        if (!result)
            return tl::unexpected(result.error());
        return result->requestsPerSecond * static_cast<double>(m_batch);
    }

    Result<void> measure()
    {
        Subscribers subscribers({.endpoint = m_profile.events,
            .serverKey = m_profile.serverKey,
            .keys = {m_profile.publicKey, m_profile.secretKey},
            .count = m_consoles,
            .recordBytes = recordBytes});
        const auto link = console::Link::open(m_profile);
        const auto ready = runUntil(
            [&] { return subscribers.areReady() && link->status().state == console::LinkState::Live; },
            "A live console");
        if (!ready)
            return ready;
        const auto cpuBefore = m_daemon.process().usage().cpuSeconds;
        const auto start = std::chrono::steady_clock::now();
        const auto rate = load(m_orders);
        if (!rate)
            return tl::unexpected(rate.error());
        m_rate = *rate;
        if (auto equal = waitUntilEqual(*link); !equal)
            return equal;
        m_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        m_cpuSeconds = m_daemon.process().usage().cpuSeconds - cpuBefore;
        const auto all =
            runUntil([&] { return subscribers.events() + subscribers.missed() >= m_consoles * m_orders * 2; },
                "The last event");
        subscribers.stop();
        m_events = subscribers.events();
        m_missed = subscribers.missed();
        m_lagP50 = subscribers.lags().milliseconds(0.5);
        m_lagP99 = subscribers.lags().milliseconds(0.99);
        m_recorded = subscribers.recorded();
        return all;
    }

    /// The console's replica must become what the daemon has.
    Result<void> waitUntilEqual(console::Link& link)
    {
        std::string truth;
        console::ReplicaDigest own;
        bool isAsked = false;
        const auto isEqual = [&] {
            if (!isAsked) {
                isAsked = true;
                link.digest([&](const console::ReplicaDigest& digest) { own = digest; });
                link.call({"GET", "/v1/digest"}, [&](const Result<console::ApiAnswer>& answer) {
                    truth = answer ? answer->body : std::string();
                    isAsked = false;
                });
            }
            return isSame(own, truth);
        };
        return runUntil(isEqual, "A replica equal to the daemon's orders");
    }

    static bool isSame(const console::ReplicaDigest& own, const std::string& truth)
    {
        JsonParser parser;
        const auto json = parser.parse(truth);
        if (!json)
            return false;
        std::uint64_t count = 0;
        std::string_view digest;
        if ((*json)["count"].get(count) != simdjson::SUCCESS
            || (*json)["digest"].get(digest) != simdjson::SUCCESS)
            return false;
        return own.count == count && own.digest == std::strtoull(std::string(digest).c_str(), nullptr, 10);
    }

    void report(const FanOutRate& limit)
    {
        const double eventsPerSecond =
            static_cast<double>(m_events) / static_cast<double>(m_consoles) / m_seconds;
        Report("events")
            .number("events_per_s", eventsPerSecond, 0)
            .number("limit_per_s", limit.eventsPerSecond, 0)
            .number("ratio", eventsPerSecond / limit.eventsPerSecond, 3)
            .text("limit", "bare_sockets")
            .number("limit_mb_per_s", limit.megabytesPerSecond)
            .number("p50_ms", m_lagP50)
            .number("p99_ms", m_lagP99)
            .count("consoles", m_consoles)
            .count("events", m_events)
            .count("missed", m_missed)
            .text("replica", "equal")
            .number("orders_per_s", m_rate, 0)
            .number("orders_per_s_alone", m_aloneRate, 0)
            .number("slowdown", 1 - m_rate / m_aloneRate, 3)
            .number("cpu_s_per_1000", m_cpuSeconds * 1000 / static_cast<double>(m_orders), 4)
            .number("peak_rss_mb", static_cast<double>(m_daemon.process().usage().peakRssKiB) / 1024)
            .print();
    }

    test::DaemonProcess& m_daemon;
    std::size_t m_orders;
    std::size_t m_batch;
    std::size_t m_consoles;
    OrderMaker m_maker;
    console::Profile m_profile;
    std::uint64_t m_sent = 0;
    double m_aloneRate = 0;
    double m_rate = 0;
    double m_seconds = 0;
    double m_cpuSeconds = 0;
    std::uint64_t m_events = 0;
    std::uint64_t m_missed = 0;
    double m_lagP50 = 0;
    double m_lagP99 = 0;
    std::vector<std::string> m_recorded;
};

} // namespace

Result<void> benchEvents(const Options& options)
{
    int argc = 1;
    char name[] = "gantry-bench";
    char* argv[] = {name, nullptr};
    const QCoreApplication application(argc, argv);
    const TempFolder folder;
    const SilentService payment;
    auto daemon = test::DaemonProcess::start(folder.path(), loadSettings(payment));
    if (!daemon)
        return tl::unexpected(daemon.error());
    auto done = EventsBench(*daemon, options).run();
    daemon->process().terminate();
    return done;
}

} // namespace gantry::bench
