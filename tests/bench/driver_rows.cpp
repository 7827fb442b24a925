// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_store.h"
#include "shared/domain/decide.h"
#include "shared/domain/workflow.h"
#include "shared/protocol/order_codec.h"
#include "shared/util/random_source.h"
#include "tests/bench/bare_rows.h"

#include <chrono>

namespace gantry::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// Makes the changes of a block of orders, step by step, by the domain's own rules.
class Block {
public:
    explicit Block(const BareRowsSettings& settings)
        : m_plan(settings.plan)
        , m_bodyBytes(settings.documentBytes)
    {
        for (StepDefinition& step : m_workflow.steps)
            step.kind = StepKind::Builtin;
    }

    void intake(std::size_t count)
    {
        m_block.clear();
        m_changes = {};
        for (std::size_t i = 0; i < count; ++i) {
            auto& record = m_block.emplace_back();
            submit(record);
            if (m_plan == RowPlan::LifecycleAtOnce)
                while (record.order.outcome == Outcome::Open)
                    step(record);
        }
        finish();
    }

    /// False: nothing is left to do.
    bool advance()
    {
        m_changes = {};
        if (m_plan != RowPlan::LifecycleByStep || m_block.empty()
            || m_block.front().order.outcome != Outcome::Open)
            return false;
        for (store::OrderRecord& record : m_block)
            step(record);
        finish();
        return true;
    }

    [[nodiscard]] const store::BatchChanges& changes() const { return m_changes; }

private:
    void submit(store::OrderRecord& record)
    {
        const std::string number = std::to_string(10'000'000 + ++m_count);
        auto summary = std::make_shared<OrderSummary>(OrderSummary{.channel = "web",
            .externalId = "100-" + number,
            .customerName = "Maria da Silva",
            .currency = *Currency::fromCode("EUR"),
            .total = 4995,
            .lineCount = 3,
            .quantity = 5,
            .createdAt = m_now,
            .workflow = m_workflow.name});
        record.order.id =
            OrderId::make(m_now, slotOf("web", summary->externalId), {m_random.next(), m_random.next()});
        m_changes.newOrders.push_back(
            {record.order.id, summary, std::make_shared<const std::string>(m_bodyBytes, 'x'), {}});
        decideFor(record, SubmitOrder{summary});
        m_now += std::chrono::milliseconds(m_count % 50 == 0);
    }

    void step(store::OrderRecord& record)
    {
        decideFor(record, ReportSuccess{record.order.step.name, record.order.attempt, {}});
    }

    void decideFor(store::OrderRecord& record, CommandBody body)
    {
        auto events =
            decide(record.order, {.at = m_now, .actor = "system", .body = std::move(body)}, m_workflow);
        for (Event& event : *events) {
            record.order = apply(std::move(record.order), event);
            m_changes.events.push_back(
                {{++m_sequence, record.order.id, std::move(event)}, record.lastSequence});
            record.lastSequence = m_sequence;
        }
    }

    void finish()
    {
        m_changes.orders = m_block;
        m_changes.counters.byState[0] += static_cast<std::int64_t>(m_block.size());
    }

    RowPlan m_plan;
    std::size_t m_bodyBytes;
    Workflow m_workflow = standardWorkflow();
    SeededRandom m_random{1};
    std::vector<store::OrderRecord> m_block;
    store::BatchChanges m_changes;
    std::uint64_t m_sequence = 0;
    std::int64_t m_count = 0;
    Timestamp m_now = fromMillis(1'772'300'000'000);
};

/// What the driver took.
struct Total {
    Clock::duration time{};
    double cpu = 0;
    std::size_t rows = 0;
    std::size_t commits = 0;
};

Result<void> commit(store::PartitionStore& partition, const store::BatchChanges& changes, Total& total)
{
    const double cpuBefore = cpuSeconds();
    const auto start = Clock::now();
    auto batch = partition.begin();
    if (!batch)
        return tl::unexpected(batch.error());
    if (auto done = (*batch)->commit(changes); !done)
        return done;
    if (auto done = partition.maintain(store::Moment::UnderLoad); !done)
        return tl::unexpected(done.error());
    total.time += Clock::now() - start;
    total.cpu += cpuSeconds() - cpuBefore;
    total.rows += changes.newOrders.size() + changes.orders.size() + changes.events.size();
    ++total.commits;
    return {};
}

} // namespace

Result<RowRate> writeDriverRows(const BareRowsSettings& settings)
{
    auto opened = store::openSqliteStore({.file = settings.directory / "driver.db"});
    if (!opened)
        return tl::unexpected(opened.error());
    auto partition = (*opened)->acquire(0);
    if (!partition)
        return tl::unexpected(partition.error());
    Block block(settings);
    Total total;
    for (std::size_t written = 0; written < settings.orders; written += settings.batch) {
        block.intake(std::min(settings.batch, settings.orders - written));
        do {
            if (auto done = commit(**partition, block.changes(), total); !done)
                return tl::unexpected(done.error());
        } while (block.advance());
    }
    const double seconds = std::chrono::duration<double>(total.time).count();
    return RowRate{seconds, static_cast<double>(settings.orders) / seconds,
        static_cast<double>(total.rows) / seconds, static_cast<double>(total.commits) / seconds,
        total.cpu * 1000 / static_cast<double>(settings.orders)};
}

} // namespace gantry::bench
