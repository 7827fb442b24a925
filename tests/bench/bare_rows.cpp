// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/bare_rows.h"

#include "daemon/store/sqlite/migrations.h"
#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/pragmas.h"
#include "daemon/store/sqlite/writer.h"
#include "shared/domain/order_id.h"
#include "shared/util/random_source.h"

#include <array>
#include <chrono>
#include <ctime>
#include <string>

namespace gantry::bench {

namespace {

using store::Blob;
using store::Statement;

constexpr int stepCount = 6;
constexpr std::array<std::string_view, stepCount> steps{
    "validate", "pay", "allocate", "pick", "pack", "ship"};
constexpr std::string_view firstStep = R"({"step":"validate","performer":"machine","step_role":"admin"})";
constexpr std::string_view stepDone =
    R"({"step":"validate","attempt":1,"next":{"step":"allocate","performer":"machine","step_role":"admin"}})";
constexpr int receivedType = 1;
constexpr int completedType = 2;
constexpr int endedType = 11;
constexpr int receivedState = 0;
constexpr int runningState = 1;
constexpr int completedState = 5;

/// The statements of one run and where its numbering stands.
class BareWriter {
public:
    BareWriter(store::Writer& writer, const BareRowsSettings& settings)
        : m_writer(writer)
        , m_partition(
              writer.connection(), "UPDATE partition SET sequence = ?2 WHERE partition = 0 AND epoch = ?1")
        , m_document(writer.connection(),
              "INSERT INTO order_document (document, id, fingerprint, channel, external_id, customer_name, "
              "currency, "
              "total, line_count, quantity, priority, promise_at, created_at, workflow, workflow_version, "
              "body) "
              "VALUES (?1, ?2, ?3, 'web', ?4, 'Maria da Silva', 'EUR', 4995, 3, 5, 5, NULL, ?5, 'standard', "
              "1, ?6)")
        , m_insert(writer.connection(),
              "INSERT INTO order_state (id, document, state, step, performer, role, version, last_sequence, "
              "attempt, "
              "attempts_spent, step_since, updated_at) VALUES (?1, ?2, ?3, ?4, 0, 3, ?5, ?6, 1, 0, ?7, ?7)")
        , m_update(writer.connection(),
              "UPDATE order_state SET state = ?2, step = ?3, version = ?4, last_sequence = ?5, step_since = "
              "?6, "
              "updated_at = ?6 WHERE id = ?1")
        , m_event(writer.connection(),
              "INSERT INTO event (position, order_id, version, previous, type, at, actor, data) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'system', ?7)")
        , m_body(settings.documentBytes, 'x')
    {
    }

    /// One order: its id, how far it is and its newest event.
    struct Row {
        OrderId id;
        int version = 0;
        std::int64_t lastSequence = 0;
    };

    void begin() { m_writer.connection().note(m_writer.begin() ? 0 : 1); }

    Result<void> end()
    {
        m_partition.with(0, m_sequence).run();
        ++m_commits;
        if (auto done = m_writer.commit(); !done)
            return done;
        if (auto done = m_writer.maintain(store::Moment::UnderLoad); !done)
            return tl::unexpected(done.error());
        return {};
    }

    Row insertDocument()
    {
        Row row{OrderId::make(fromMillis(m_now), 7, {m_random.next(), m_random.next()})};
        const std::string externalId = "100-" + std::to_string(10'000'000 + ++m_documents);
        m_document.with(m_documents, Blob{row.id.bytes()}, Blob{row.id.bytes()}, externalId, m_now, m_body)
            .run();
        ++m_rows;
        m_now += m_documents % 50 == 0;
        return row;
    }

    void insertEvent(Row& row, int type, std::optional<std::string_view> data)
    {
        m_event.with(++m_sequence, Blob{row.id.bytes()}, ++row.version, row.lastSequence, type, m_now, data)
            .run();
        row.lastSequence = m_sequence;
        ++m_rows;
    }

    void insertState(const Row& row, int state, std::string_view step)
    {
        m_insert.with(Blob{row.id.bytes()}, m_documents, state, step, row.version, row.lastSequence, m_now)
            .run();
        ++m_rows;
    }

    void updateState(const Row& row, int state, std::string_view step)
    {
        m_update.with(Blob{row.id.bytes()}, state, step, row.version, row.lastSequence, m_now).run();
        ++m_rows;
    }

    [[nodiscard]] RowRate rate(double seconds, double cpu, std::size_t orders) const
    {
        return {seconds, static_cast<double>(orders) / seconds, static_cast<double>(m_rows) / seconds,
            static_cast<double>(m_commits) / seconds, cpu * 1000 / static_cast<double>(orders)};
    }

private:
    store::Writer& m_writer;
    Statement m_partition;
    Statement m_document;
    Statement m_insert;
    Statement m_update;
    Statement m_event;
    SeededRandom m_random{1};
    std::string m_body;
    std::int64_t m_documents = 0;
    std::int64_t m_sequence = 0;
    std::int64_t m_now = 1'772'300'000'000;
    std::int64_t m_rows = 0;
    std::int64_t m_commits = 0;
};

void writeOrderAtOnce(BareWriter& rows, RowPlan plan)
{
    BareWriter::Row row = rows.insertDocument();
    rows.insertEvent(row, receivedType, firstStep);
    if (plan != RowPlan::LifecycleAtOnce) {
        rows.insertState(row, receivedState, steps[0]);
        return;
    }
    for (int step = 0; step < stepCount; ++step)
        rows.insertEvent(row, completedType, stepDone);
    rows.insertEvent(row, endedType, std::nullopt);
    rows.insertState(row, completedState, steps[stepCount - 1]);
}

/// The steps of a block of orders, one commit each.
Result<void> writeSteps(BareWriter& rows, std::vector<BareWriter::Row>& block)
{
    for (int step = 0; step < stepCount; ++step) {
        const bool isLast = step == stepCount - 1;
        rows.begin();
        for (BareWriter::Row& row : block) {
            rows.insertEvent(row, completedType, stepDone);
            if (isLast)
                rows.insertEvent(row, endedType, std::nullopt);
            rows.updateState(row, isLast ? completedState : runningState,
                steps[static_cast<std::size_t>(isLast ? step : step + 1)]);
        }
        if (auto done = rows.end(); !done)
            return done;
    }
    return {};
}

Result<void> writeAll(BareWriter& rows, const BareRowsSettings& settings)
{
    std::vector<BareWriter::Row> block;
    for (std::size_t written = 0; written < settings.orders; written += settings.batch) {
        rows.begin();
        block.clear();
        for (std::size_t i = written; i < std::min(settings.orders, written + settings.batch); ++i) {
            if (settings.plan != RowPlan::LifecycleByStep) {
                writeOrderAtOnce(rows, settings.plan);
                continue;
            }
            BareWriter::Row row = rows.insertDocument();
            rows.insertEvent(row, receivedType, firstStep);
            rows.insertState(row, receivedState, steps[0]);
            block.push_back(row);
        }
        if (auto done = rows.end(); !done)
            return done;
        if (auto done = writeSteps(rows, block); !done && !block.empty())
            return done;
    }
    return {};
}

} // namespace

double cpuSeconds() noexcept
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Result<RowRate> writeBareRows(const BareRowsSettings& settings)
{
    const store::SqliteSettings sqlite{.file = settings.directory / "bare.db"};
    auto lock = store::FileLock::take(sqlite.file);
    if (!lock)
        return tl::unexpected(lock.error());
    if (auto made = store::makeDataFile(sqlite.file); !made)
        return tl::unexpected(made.error());
    auto connection = store::openWriterConnection(sqlite);
    if (!connection)
        return tl::unexpected(connection.error());
    if (auto migrated = store::migrate(**connection, store::sqliteMigrations()); !migrated)
        return tl::unexpected(migrated.error());
    store::Writer writer(sqlite, std::move(*lock), std::move(*connection));
    BareWriter rows(writer, settings);
    const double cpuBefore = cpuSeconds();
    const auto start = std::chrono::steady_clock::now();
    if (auto done = writeAll(rows, settings); !done)
        return tl::unexpected(done.error());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    return rows.rate(taken.count(), cpuSeconds() - cpuBefore, settings.orders);
}

} // namespace gantry::bench
