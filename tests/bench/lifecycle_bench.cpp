// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/partition.h"
#include "daemon/steps/allocate_step.h"
#include "daemon/steps/validate_step.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "shared/protocol/order_codec.h"
#include "shared/util/hash.h"
#include "tests/bench/bare_rows.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/benches.h"
#include "tests/bench/order_maker.h"
#include "tests/bench/report.h"

namespace gantry::bench {

namespace {

using Ticks = std::chrono::steady_clock;
constexpr std::size_t messagesPerBatch =
    512; ///< what the daemon's inbox gives at most, as the daemon is set by default

/// Does nothing, at once.
class NothingToDo final : public engine::BuiltinStep {
public:
    Result<std::vector<engine::TaskResult>> run(
        store::Batch& /*batch*/, const std::vector<engine::BuiltinTask>& tasks) override
    {
        return std::vector<engine::TaskResult>(tasks.size(), engine::TaskResult{.succeeded = true});
    }
};

/// Six built-in steps: two that do what they do in the daemon, four that do nothing.
Workflow sixSteps()
{
    Workflow workflow{.name = "six"};
    for (const char* name : {"validate", "allocate", "pay", "pick", "pack", "ship"})
        workflow.steps.push_back({.name = name, .kind = StepKind::Builtin, .handler = name});
    return workflow;
}

/// The engine without its thread, on a store of its own.
class Engine {
public:
    explicit Engine(const std::filesystem::path& folder)
        : m_folder(folder)
    {
        m_steps.add("validate", std::make_shared<steps::ValidateStep>());
        m_steps.add("allocate", std::make_shared<steps::AllocateStep>());
        for (const char* name : {"pay", "pick", "pack", "ship"})
            m_steps.add(name, std::make_shared<NothingToDo>());
    }

    Result<void> open()
    {
        auto store = store::openSqliteStore({.file = m_folder / "gantry.db"});
        if (!store)
            return tl::unexpected(store.error());
        m_store = std::move(*store);
        auto partition = m_store->acquire(0);
        auto reader = m_store->openReader();
        if (!partition || !reader)
            return tl::unexpected(partition ? reader.error() : partition.error());
        engine::PartitionSettings settings{.workflows = m_workflows,
            .steps = m_steps,
            .clock = m_clock,
            .random = m_random,
            .queue = m_queue};
        settings.listeners = {[this](const auto& batch) { m_events += batch->events.size(); }};
        m_partition = std::make_unique<engine::Partition>(
            std::move(settings), std::move(*partition), std::move(*reader));
        return m_partition->start();
    }

    /// Makes a batch's messages, as the threads of the doors do; then runs them, and only that counts.
    Result<void> run(const OrderMaker& maker, std::uint64_t first, std::size_t count)
    {
        engine::Intake intake;
        for (std::size_t i = 0; i < count; ++i)
            intake.messages.push_back(submission(maker.document(first + i)));
        const double cpuBefore = cpuSeconds();
        const auto start = Ticks::now();
        if (auto done = m_partition->run(std::move(intake)); !done)
            return done;
        if (auto done = m_partition->maintain(store::Moment::UnderLoad); !done)
            return tl::unexpected(done.error());
        m_time += Ticks::now() - start;
        m_cpu += cpuSeconds() - cpuBefore;
        return {};
    }

    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(m_time).count(); }
    [[nodiscard]] double cpu() const noexcept { return m_cpu; }
    [[nodiscard]] std::size_t events() const noexcept { return m_events; }
    [[nodiscard]] std::size_t completed() const noexcept { return m_completed; }

private:
    engine::Submission submission(const OrderDocument& document)
    {
        engine::Submission submission{.document = std::make_shared<const OrderDocument>(document),
            .encoded = std::make_shared<const std::string>(encodeDocument(document)),
            .actor = "bench"};
        const auto hash = fnv1a(*submission.encoded);
        for (std::size_t byte = 0; byte < sizeof hash; ++byte)
            submission.fingerprint[byte] = static_cast<std::uint8_t>(hash >> (8 * byte));
        submission.reply = [this](const Result<engine::CommandOutcome>& outcome) {
            m_completed += outcome && outcome->order->outcome == Outcome::Completed;
        };
        return submission;
    }

    std::filesystem::path m_folder;
    SystemClock m_clock;
    SeededRandom m_random{1};
    engine::WorkflowCatalog m_workflows{sixSteps()};
    engine::StepRegistry m_steps;
    engine::MessageQueue m_queue{1};
    std::unique_ptr<store::Store> m_store;
    std::unique_ptr<engine::Partition> m_partition;
    Ticks::duration m_time{};
    double m_cpu = 0;
    std::size_t m_events = 0;
    std::size_t m_completed = 0;
};

Result<RowRate> bareRows(std::size_t orders, std::size_t batch, std::size_t documentBytes)
{
    const TempFolder folder;
    return writeBareRows({.directory = folder.path(),
        .plan = RowPlan::LifecycleAtOnce,
        .orders = orders,
        .batch = batch,
        .documentBytes = documentBytes});
}

} // namespace

Result<void> benchLifecycle(const Options& options)
{
    const std::size_t orders = options.orders > 0 ? options.orders : 100'000;
    const std::size_t batch = options.batch > 1 ? options.batch : messagesPerBatch;
    const OrderMaker maker;
    const auto before = bareRows(orders, batch, maker.json(0).size());
    if (!before)
        return tl::unexpected(before.error());
    const TempFolder folder;
    Engine engine(folder.path());
    if (auto opened = engine.open(); !opened)
        return opened;
    for (std::size_t done = 0; done < orders; done += batch)
        if (auto ran = engine.run(maker, done, std::min(batch, orders - done)); !ran)
            return ran;
    if (engine.completed() != orders)
        return failure(ErrorCode::Internal,
            std::to_string(orders - engine.completed()) + " orders of " + std::to_string(orders)
                + " did not complete.");
    const auto after = bareRows(orders, batch, maker.json(0).size());
    if (!after)
        return tl::unexpected(after.error());
    Report("lifecycle")
        .rate(static_cast<double>(orders) / engine.seconds(),
            (before->ordersPerSecond + after->ordersPerSecond) / 2)
        .text("limit", "bare_rows")
        .number("cpu_s_per_1000", engine.cpu() * 1000 / static_cast<double>(orders), 4)
        .number("limit_cpu_s_per_1000", (before->cpuSecondsPerThousand + after->cpuSecondsPerThousand) / 2, 4)
        .number("events_per_order", static_cast<double>(engine.events()) / static_cast<double>(orders))
        .count("orders", orders)
        .count("batch", batch)
        .print();
    return {};
}

} // namespace gantry::bench
