// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bare_rows.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/benches.h"
#include "tests/bench/latencies.h"
#include "tests/bench/noop_worker.h"
#include "tests/bench/order_maker.h"
#include "tests/bench/report.h"
#include "tests/support/worker/worker_engine.h"

#include <algorithm>
#include <csignal>
#include <malloc.h>
#include <thread>

namespace gantry::bench {

namespace {

using Ticks = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t ordersUnderWay =
    4'000; ///< so many are open at once, as a worker at its limit sees them
constexpr std::size_t ordersAtOnce = 256; ///< submitted together
constexpr std::size_t openOrders = 60'000; ///< for the memory of an open order
constexpr std::size_t slowOrders = 500;
constexpr std::chrono::milliseconds slowInterval{20}; ///< 50 orders a second
constexpr int limitedRuns = 5; ///< with limits and without, in turns

constexpr std::chrono::minutes longestWait{10};

using test::submissionOf;
using test::WorkerEngine;

/// With a limit: one that is counted for each order and keeps none of them.
Workflow sixWorkerSteps(const std::optional<StepLimit>& limit = std::nullopt)
{
    Workflow workflow{.name = "six-by-worker"};
    for (const char* name : {"s1", "s2", "s3", "s4", "s5", "s6"})
        workflow.steps.push_back({.name = name,
            .kind = StepKind::Worker,
            .handler = std::string("bench.") + name,
            .limit = limit});
    return workflow;
}

bool waitForTaken(WorkerEngine& engine, std::size_t orders)
{
    return engine.waitUntil([orders](const auto& counts) { return counts.taken >= orders; }, longestWait);
}

bool waitForCompleted(WorkerEngine& engine, std::size_t orders)
{
    return engine.waitUntil([orders](const auto& counts) { return counts.completed >= orders; }, longestWait);
}

Error notInTime(const char* what)
{
    return {
        ErrorCode::RequestTimeout, std::string("The orders were not all ") + what + " within ten minutes."};
}

/// Starts the worker: this program again, as a process of its own.
Result<test::ChildProcess> startWorker(const WorkerEngine& engine)
{
    const std::string& folder = engine.folder();
    return test::ChildProcess::start(std::filesystem::read_symlink("/proc/self/exe").string(),
        {"no-op-worker", "--profile", engine.profilePath(), "--report", folder + "/worker.json", "--ready",
            folder + "/worker.ready"},
        folder + "/worker.ready");
}

Result<WorkerFigures> stopWorker(test::ChildProcess& worker, const WorkerEngine& engine)
{
    if (worker.terminate() != 0)
        return failure(ErrorCode::Internal, "The worker did not end in order.");
    return readWorkerFigures(engine.folder() + "/worker.json");
}

struct Run {
    double ordersPerSecond = 0;
    double cpuPerThousand = 0; ///< seconds, of engine and worker
    WorkerFigures worker;
};

/// All orders as fast as they go, from the first submission to the last completion.
Result<Run> fullSpeed(const OrderMaker& maker, std::size_t orders, const Workflow& workflow)
{
    const TempFolder folder;
    WorkerEngine engine(folder.path(), workflow);
    if (auto opened = engine.open(); !opened)
        return tl::unexpected(opened.error());
    auto worker = startWorker(engine);
    if (!worker)
        return tl::unexpected(worker.error());
    // Made beforehand: what the threads of the doors do is measured by the intake bench.
    std::vector<engine::Submission> made;
    made.reserve(orders);
    for (std::size_t i = 0; i < orders; ++i)
        made.push_back(submissionOf(maker.document(i)));
    const double workerBefore = worker->usage().cpuSeconds;
    const double before = cpuSeconds();
    const auto start = Ticks::now();
    for (std::size_t next = 0; next < orders;) {
        if (next > ordersUnderWay && !waitForCompleted(engine, next - ordersUnderWay))
            return tl::unexpected(notInTime("completed"));
        for (std::size_t end = std::min(orders, next + ordersAtOnce); next < end; ++next)
            engine.submit(std::move(made[next]));
    }
    if (!waitForCompleted(engine, orders))
        return tl::unexpected(notInTime("completed"));
    const Seconds taken = Ticks::now() - start;
    const double cpu = cpuSeconds() - before + worker->usage().cpuSeconds - workerBefore;
    const auto figures = stopWorker(*worker, engine);
    if (!figures)
        return tl::unexpected(figures.error());
    const auto count = static_cast<double>(orders);
    return Run{count / taken.count(), cpu * 1000 / count, *figures};
}

double medianOf(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// What limits cost that keep nobody: by channel, of concurrency and of rate at once, at each of the six steps.
Result<void> addLimitedRuns(const OrderMaker& maker, std::size_t orders, Report& report)
{
    const StepLimit limit{.key = parseTextField("channel"), .concurrency = 1'000'000, .rate = 1'000'000'000};
    std::vector<double> rates;
    std::vector<double> cpus;
    for (int i = 0; i < limitedRuns; ++i) {
        const auto without = fullSpeed(maker, orders, sixWorkerSteps());
        const auto with = without ? fullSpeed(maker, orders, sixWorkerSteps(limit)) : without;
        if (!with)
            return tl::unexpected(with.error());
        rates.push_back(with->ordersPerSecond / without->ordersPerSecond);
        cpus.push_back(with->cpuPerThousand / without->cpuPerThousand);
    }
    report.number("limited_rate_ratio", medianOf(std::move(rates)), 3)
        .number("limited_cpu_ratio", medianOf(std::move(cpus)), 3);
    return {};
}

/// 50 orders a second: how long an order takes that does not wait for others.
Result<void> addSlowRun(const OrderMaker& maker, Report& report)
{
    const TempFolder folder;
    WorkerEngine engine(folder.path(), sixWorkerSteps(), true);
    if (auto opened = engine.open(); !opened)
        return opened;
    auto worker = startWorker(engine);
    if (!worker)
        return tl::unexpected(worker.error());
    auto next = Ticks::now();
    for (std::size_t i = 0; i < slowOrders; ++i) {
        std::this_thread::sleep_until(next);
        engine.submit(submissionOf(maker.document(i)));
        next += slowInterval;
    }
    if (!waitForCompleted(engine, slowOrders))
        return tl::unexpected(notInTime("completed"));
    Latencies times;
    for (const auto time : engine.times())
        times.add(time);
    report.number("at_50_p50_ms", times.milliseconds(0.5), 2)
        .number("at_50_p99_ms", times.milliseconds(0.99), 2);
    if (const auto figures = stopWorker(*worker, engine); !figures)
        return tl::unexpected(figures.error());
    return {};
}

std::int64_t residentBytes()
{
    ::malloc_trim(0); // what is free but kept is not the orders'
    return test::usageOf(::getpid()).rssKiB * 1024;
}

/// What an open order that waits for a worker costs, measured between two fillings, so that caches of fixed size are full before.
Result<double> bytesPerOpenOrder(const OrderMaker& maker)
{
    const TempFolder folder;
    WorkerEngine engine(folder.path(), sixWorkerSteps());
    if (auto opened = engine.open(); !opened)
        return tl::unexpected(opened.error());
    std::int64_t before = 0;
    for (std::size_t i = 0; i < 2 * openOrders; ++i) {
        if (i == openOrders) {
            if (!waitForTaken(engine, openOrders))
                return tl::unexpected(notInTime("taken in"));
            before = residentBytes();
        }
        engine.submit(submissionOf(maker.document(i)));
    }
    if (!waitForTaken(engine, 2 * openOrders))
        return tl::unexpected(notInTime("taken in"));
    return static_cast<double>(residentBytes() - before) / static_cast<double>(openOrders);
}

Result<RowRate> bareRows(const OrderMaker& maker, std::size_t orders)
{
    const TempFolder folder;
    return writeBareRows({.directory = folder.path(),
        .plan = RowPlan::LifecycleByStep,
        .orders = orders,
        .documentBytes = maker.json(0).size()});
}

} // namespace

Result<void> benchWorkerLifecycle(const Options& options)
{
    const std::size_t orders = options.orders > 0 ? options.orders : 50'000;
    const OrderMaker maker;
    const auto bytes = bytesPerOpenOrder(maker);
    if (!bytes)
        return tl::unexpected(bytes.error());
    const auto before = bareRows(maker, orders);
    const auto run = before ? fullSpeed(maker, orders, sixWorkerSteps()) : tl::unexpected(before.error());
    const auto after = run ? bareRows(maker, orders) : tl::unexpected(run.error());
    if (!after)
        return tl::unexpected(after.error());
    Report report("lifecycle");
    report.text("steps_by", "worker")
        .rate(run->ordersPerSecond, (before->ordersPerSecond + after->ordersPerSecond) / 2)
        .text("limit", "bare_rows_by_step")
        .number("p50_ms", run->worker.p50Ms, 2)
        .number("p99_ms", run->worker.p99Ms, 2)
        .number("bytes_per_open_order", *bytes, 0)
        .number("cpu_s_per_1000", run->cpuPerThousand, 4)
        .number("limit_cpu_s_per_1000", (before->cpuSecondsPerThousand + after->cpuSecondsPerThousand) / 2, 4)
        .count("tasks", run->worker.tasks)
        .count("orders", orders)
        .count("orders_under_way", ordersUnderWay);
    if (options.latency)
        if (auto added = addSlowRun(maker, report); !added)
            return added;
    if (options.limits)
        if (auto added = addLimitedRuns(maker, orders, report); !added)
            return added;
    report.print();
    return {};
}

} // namespace gantry::bench
