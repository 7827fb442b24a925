// SPDX-License-Identifier: GPL-3.0-or-later
// What has been changed in a store behind Gantry's back is found and named; what only changes meanwhile is not.
#include "daemon/store/sqlite/pragmas.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/verify/verifier.h"
#include "tests/contract/store_world.h"
#include "tests/shared/support/property.h"
#include "tests/shared/support/random_orders.h"

#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <condition_variable>
#include <functional>
#include <semaphore>
#include <thread>

namespace gantry::test {

using namespace store;
using verify::Finding;
using verify::VerificationState;
using verify::VerificationStatus;
using verify::Verifier;

namespace {

constexpr MinorUnits price = 1250; ///< of documentOf()

std::string hexOf(const OrderId& id)
{
    const auto bytes = id.bytes();
    return "x'" + QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())).toHex().toStdString() + '\'';
}

/// A store of three orders: A is paid and has reserved, B was paid, canceled and paid back, C stands before its payment.
class Books {
public:
    explicit Books(const std::string& folder)
        : Books(folder, standardWorkflow())
    {
        must(m_partition->changeStock({.sku = "SKU-1", .quantity = 1'000'000, .actor = "ann"}));
        a = m_scribe->submit(documentOf("web", "A"), tick());
        pass(a);
        pass(a);
        b = m_scribe->submit(documentOf("web", "B"), tick());
        pass(b);
        pass(b);
        m_scribe->act(b, TakeAction{.action = Action::Cancel, .reason = "changed mind"}, tick());
        while (m_scribe->order(b).outcome == Outcome::Open)
            pass(b);
        c = m_scribe->submit(documentOf("web", "C"), tick());
        pass(c);
        for (const char* action : {"order.hold", "order.release", "order.cancel"})
            m_scribe->extra().audit.push_back({.at = tick(),
                .actor = "ann",
                .action = action,
                .targetKind = "order",
                .target = a.text(),
                .reason = "because"});
        auto batch = must(m_partition->begin());
        must(batch->reserve({{a, {{"SKU-1", 2}}}}));
        must(m_scribe->commit(*batch));
    }

    /// A store without orders, for those of any workflow.
    Books(const std::string& folder, const Workflow& workflow)
        : m_settings{.file = folder + "/gantry.db"}
    {
        open();
        m_scribe.emplace(m_partition->info(), seedOfRun());
        m_scribe->use(workflow);
    }

    /// Lets the present step of an order succeed, with the money that goes with it.
    void pass(const OrderId& id)
    {
        const Order order = m_scribe->order(id);
        const bool isPay = order.step.name == "pay";
        MoneyChange money;
        if (isPay)
            money = order.compensating ? MoneyChange{0, 0, price} : MoneyChange{price, price, 0};
        if (order.step.performer == Performer::Person)
            m_scribe->complete(id, tick());
        else
            m_scribe->act(id,
                ReportSuccess{
                    .step = order.step.name, .attempt = order.attempt, .result = {}, .money = money},
                tick());
    }

    /// Changes rows as no code of Gantry's does; A, B and C in the statement are the ids.
    void tamper(const std::string& sql)
    {
        close();
        {
            auto connection = must(openWriterConnection(m_settings));
            std::string text = sql;
            for (const auto& [name, id] : {std::pair{"{A}", &a}, {"{B}", &b}, {"{C}", &c}})
                for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
                    text.replace(at, 3, hexOf(*id));
            connection->execute("PRAGMA ignore_check_constraints = ON");
            connection->execute(text);
            must(connection->check("tampering"));
            if (connection->changes() < 1)
                throw std::logic_error("Nothing was tampered with: " + text);
        }
        open();
    }

    /// Verifies the store, and calls meanwhile every few milliseconds until it has ended.
    VerificationStatus verify(const std::function<void()>& meanwhile = [] {})
    {
        Verifier verifier(*m_store, m_clock);
        const auto started = verifier.start("ann");
        const auto hasEnded = [&] {
            meanwhile();
            return verifier.find(started.id)->state != VerificationState::Running;
        };
        if (!QTest::qWaitFor(hasEnded, 60'000))
            throw std::runtime_error("The verification does not end");
        return *verifier.find(started.id);
    }

    Timestamp tick() { return m_now += std::chrono::seconds(1); }
    [[nodiscard]] Scribe& scribe() { return *m_scribe; }
    [[nodiscard]] PartitionStore& partition() { return *m_partition; }
    [[nodiscard]] Store& store() { return *m_store; }
    [[nodiscard]] const Clock& clock() const { return m_clock; }

    OrderId a;
    OrderId b;
    OrderId c;

private:
    template <typename T>
    static T must(Result<T> result)
    {
        if (!result)
            throw std::runtime_error(result.error().message);
        if constexpr (!std::is_void_v<T>)
            return std::move(*result);
    }

    void open()
    {
        m_store = must(openSqliteStore(m_settings));
        m_partition = must(m_store->acquire(0));
    }

    void close()
    {
        m_partition.reset();
        m_store.reset();
    }

    SqliteSettings m_settings;
    SystemClock m_clock;
    Timestamp m_now = dayOfTests;
    std::unique_ptr<Store> m_store;
    std::unique_ptr<PartitionStore> m_partition;
    std::optional<Scribe> m_scribe;
};

/// A store whose verification waits until it is let in.
class GatedStore final : public Store {
public:
    explicit GatedStore(Store& store)
        : m_store(store)
    {
    }
    Result<std::unique_ptr<PartitionStore>> acquire(std::uint32_t partition) override
    {
        return m_store.acquire(partition);
    }
    Result<std::unique_ptr<StoreReader>> openReader() override { return m_store.openReader(); }
    Result<std::unique_ptr<VerifyReader>> openVerifyReader() override
    {
        std::unique_lock lock(m_mutex);
        m_wake.wait(lock, [this] { return m_isOpen; });
        return m_store.openVerifyReader();
    }
    void letIn()
    {
        const std::lock_guard lock(m_mutex);
        m_isOpen = true;
        m_wake.notify_all();
    }

private:
    Store& m_store;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_isOpen = false;
};

std::string checksOf(const VerificationStatus& status)
{
    std::string names;
    for (const Finding& finding : status.findings)
        names += (names.empty() ? "" : " ") + finding.check;
    return names;
}

/// Everything that was found, for the message of a test that fails.
std::string storyOf(const VerificationStatus& status)
{
    std::string story = status.error ? status.error->message : std::string();
    for (const Finding& finding : status.findings)
        story += '\n' + finding.check + ": " + finding.message + " expected " + finding.expected + ", found "
            + finding.found;
    return story;
}

} // namespace

class VerifierTest : public QObject {
    Q_OBJECT

    /// Sends an order whatever may come; what is refused is passed over.
    static void command(Books& books, const Workflow& workflow, Dice& dice, const OrderId& id)
    {
        for (auto count = dice.roll(60); count-- > 0;) {
            Timestamp now = books.tick();
            const Command command = randomCommand(dice, books.scribe().order(id), workflow, now, {});
            try {
                books.scribe().act(id, command.body, now);
            } catch (const std::logic_error&) {
                continue;
            }
        }
    }

private Q_SLOTS:
    void findsNothingInAGoodStore()
    {
        const QTemporaryDir folder;
        Books books(folder.path().toStdString());
        const VerificationStatus status = books.verify();
        QVERIFY2(status.findings.empty(), storyOf(status).c_str());
        QCOMPARE(status.state, VerificationState::Done);
        QCOMPARE(status.orders, std::uint64_t{3});
        QCOMPARE(status.ordersInAll, std::uint64_t{3});
        QCOMPARE(status.events, std::uint64_t{books.scribe().log().size()});
        QCOMPARE(status.startedBy, std::string("ann"));
        QVERIFY(status.endedAt.has_value());
    }

    void namesWhatWasTamperedWith_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<QString>("checks"); // all that are to tell, in sequence
        QTest::addColumn<QString>("order"); // that one of the findings names: A, B, C or none
        QTest::addColumn<int>("version"); // 0: it names none
        QTest::addColumn<int>("sequence");
        QTest::addColumn<QString>("expected"); // a part of it
        QTest::addColumn<QString>("found");
        const auto row = [](const char* name, const char* sql, const char* checks, const char* order,
                             int version, int sequence, const char* expected, const char* found) {
            QTest::newRow(name) << sql << checks << order << version << sequence << expected << found;
        };
        // A has the events 1 to 3 of the log, B 4 to 9, C 10 and 11.
        row("event deleted", "DELETE FROM event WHERE position = 2", "history log", "A", 2, 2,
            "event 2 (sequence 2)", "nothing");
        row("last event deleted", "DELETE FROM event WHERE position = 11", "history log", "C", 2, 11,
            "event 2 (sequence 11)", "nothing");
        row("event of another order", "UPDATE event SET order_id = {B} WHERE position = 3", "history", "A", 3,
            3, "event 3 (sequence 3)", "event 3 of order ord_");
        row("event with another number", "UPDATE event SET version = 4 WHERE position = 3", "history", "A", 3,
            3, "event 3 (sequence 3)", "event 4 of order ord_");
        row("event of another attempt",
            "UPDATE event SET data = json_set(data, '$.attempt', 7) WHERE position = 3", "history", "A", 3, 3,
            "attempt 1 of step pay", "attempt 7 of step pay");
        row("event of another step",
            "UPDATE event SET data = json_set(data, '$.step', 'pick') WHERE position = 3", "history", "A", 3,
            3, "attempt 1 of step pay", "attempt 1 of step pick");
        row("event that leads elsewhere",
            "UPDATE event SET data = json_set(data, '$.next.step', 'pick') WHERE position = 2", "history",
            "A", 3, 3, "attempt 1 of step pick", "attempt 1 of step pay");
        row("event of another kind", "UPDATE event SET type = 11, data = NULL WHERE position = 5", "history",
            "B", 3, 6, "nothing but corrections", "step_completed");
        row("event of no kind", "UPDATE event SET type = 99 WHERE position = 3", "history", "A", 3, 3,
            "an event that can be read", "an event that can't be read");
        row("event that can't be read", "UPDATE event SET data = '{' WHERE position = 3", "history", "A", 3,
            3, "an event that can be read", "data");
        row("less captured in the last event of it",
            "UPDATE event SET data = json_set(data, '$.money.captured', 1000) WHERE position = 3", "money",
            "A", 3, 3, "\"captured\":1000", "\"captured\":1250");
        row("less captured than paid back",
            "UPDATE event SET data = json_set(data, '$.money.captured', 1000) WHERE position = 6", "history",
            "B", 5, 8, "books that balance", "refunded would be 12.50 of 10.00 EUR captured");
        row("more authorized than it totals",
            "UPDATE event SET data = json_set(data, '$.money.authorized', 2000) WHERE position = 6",
            "history", "B", 3, 6, "books that balance", "20.00 of 12.50 EUR that the order totals");
        row("other money in the row", "UPDATE order_state SET refunded = 1 WHERE id = {A}", "money", "A", 3,
            3, "\"refunded\":0", "\"refunded\":1");
        row("other step in the row", "UPDATE order_state SET step = 'pick' WHERE id = {A}", "state", "A", 3,
            3, "step: \"allocate\"", "step: \"pick\"");
        row("other state in the row", "UPDATE order_state SET state = 3 WHERE id = {A}", "state", "A", 3, 3,
            "running", "state contradicts its facts");
        row("ended in the row", "UPDATE order_state SET state = 5 WHERE id = {C}", "state", "C", 2, 11,
            "state: \"running\"", "state: \"completed\"");
        row("older version in the row",
            "UPDATE order_state SET version = 2, last_sequence = 2 WHERE id = {A}", "money counter counter",
            "A", 2, 2, "step: \"pay\"", "step: \"allocate\"");
        row("row deleted", "DELETE FROM order_state WHERE id = {C}", "counter counter log log", "C", 1, 10,
            "an order that is stored", "no such order");
        row("document deleted", "DELETE FROM order_document WHERE id = {A}", "document", "A", 1, 0,
            "as it was submitted", "nothing");
        row("document that can't be read", "UPDATE order_document SET body = '[' WHERE id = {A}", "document",
            "A", 1, 0, "as it was submitted", "");
        row("other total", "UPDATE order_document SET total = 9999 WHERE id = {A}", "document", "A", 1, 0,
            "total: 1250", "total: 9999");
        row("counter", "UPDATE counter SET value = value + 2 WHERE name = 'step/allocate'", "counter", "", 0,
            0, "1", "3");
        row("reserved", "UPDATE stock SET reserved = 5", "reservation stock", "", 0, 0, "2", "5");
        row("on hand", "UPDATE stock SET on_hand = 7", "stock", "", 0, 0, "1000000 on hand", "7 on hand");
        row("movement deleted", "DELETE FROM stock_movement WHERE reserved_change = 2", "stock", "", 0, 0,
            "0 reserved", "2 reserved");
        row("stock record deleted", "DELETE FROM stock", "reservation stock", "", 0, 0, "1000000 on hand",
            "no stock record");
        row("reservation lost", "DELETE FROM reservation", "reservation", "", 0, 0, "0", "2");
        row("reservation of an ended order", "INSERT INTO reservation VALUES ({B}, 'SKU-1', 'main', 1)",
            "reservation reservation", "B", 0, 0, "an open order", "none");
        row("event behind the end",
            "INSERT INTO event SELECT 20, order_id, version, previous, type, at, actor, data FROM event "
            "WHERE "
            "position = 11",
            "log", "", 0, 12, "no event after 11", "event 20");
        row("audit entry changed", "UPDATE audit_entry SET actor = 'bob' WHERE position = 2", "audit", "", 0,
            2, "the hash of its contents", "");
        row("audit entry deleted", "DELETE FROM audit_entry WHERE position = 2", "audit", "", 0, 2,
            "entry 2 of the audit", "nothing");
        row("audit cut", "DELETE FROM audit_entry WHERE position = 3", "audit", "", 0, 3,
            "entry 3 of the audit as the last", "entry 2");
        row("audit entry of before", "UPDATE audit_entry SET previous = zeroblob(32) WHERE position = 2",
            "audit audit", "", 0, 2, "the hash of the entry before", "00000000");
        row("audited reason changed", "UPDATE audit_entry SET reason = 'luck' WHERE position = 1", "audit",
            "", 0, 1, "the reason that was given", "another one");
        row("audit head changed", "UPDATE audit_chain SET head = zeroblob(32)", "audit", "", 0, 3, "the head",
            "");
        row("partition set back", "UPDATE partition SET sequence = 10", "counter counter counter counter log",
            "", 0, 11, "no event after 10", "event 11");
    }

    void namesWhatWasTamperedWith()
    {
        QFETCH(QString, sql);
        QFETCH(QString, checks);
        QFETCH(QString, order);
        QFETCH(int, version);
        QFETCH(int, sequence);
        QFETCH(QString, expected);
        QFETCH(QString, found);
        const QTemporaryDir folder;
        Books books(folder.path().toStdString());
        books.tamper(sql.toStdString());
        const VerificationStatus status = books.verify();
        QVERIFY2(checksOf(status) == checks.toStdString(), storyOf(status).c_str());
        QCOMPARE(status.state, VerificationState::Done);
        QCOMPARE(status.findingsInAll, std::uint64_t{status.findings.size()});
        const std::optional<OrderId> named = order == u"A" ? std::optional(books.a)
            : order == u"B"                                ? std::optional(books.b)
            : order == u"C"                                ? std::optional(books.c)
                                                           : std::nullopt;
        const auto isIt = [&](const Finding& finding) {
            return finding.order == named && static_cast<int>(finding.version.value_or(0)) == version
                && static_cast<int>(finding.sequence.value_or(0)) == sequence
                && finding.expected.find(expected.toStdString()) != std::string::npos
                && finding.found.find(found.toStdString()) != std::string::npos && !finding.message.empty()
                && finding.sku == (finding.check == "reservation" || finding.check == "stock" ? "SKU-1" : "");
        };
        QVERIFY2(std::any_of(status.findings.begin(), status.findings.end(), isIt), storyOf(status).c_str());
    }

    void findsNothingInAnyHistory()
    {
        qInfo("GANTRY_SEED=%llu replays these histories", static_cast<unsigned long long>(propertySeed()));
        for (std::uint64_t store = 0; store < 30; ++store) {
            Dice dice(propertySeed() + store);
            const QTemporaryDir folder;
            const Workflow workflow = randomWorkflow(dice);
            Books books(folder.path().toStdString(), workflow);
            for (int i = 0; i < 10; ++i)
                command(books, workflow, dice,
                    books.scribe().submit(documentOf("web", std::to_string(i)), books.tick()));
            VERIFY_OK(books.scribe().commit(books.partition()));
            const VerificationStatus status = books.verify();
            QVERIFY2(status.findings.empty(), storyOf(status).c_str());
            QCOMPARE(status.orders, std::uint64_t{10});
        }
    }

    void aCorrectionIsNoFinding()
    {
        const QTemporaryDir folder;
        Books books(folder.path().toStdString());
        books.scribe().act(books.b, CorrectMoney{{0, 0, -price}, "paid back twice"}, books.tick());
        books.scribe().act(books.a, CorrectMoney{{500, 500, 0}, "extra freight"}, books.tick());
        VERIFY_OK(books.scribe().commit(books.partition()));
        const VerificationStatus status = books.verify();
        QVERIFY2(status.findings.empty(), storyOf(status).c_str());
    }

    void findsNothingWhileOrdersChange()
    {
        const QTemporaryDir folder;
        Books books(folder.path().toStdString());
        // The writer goes by permits: it is never so far ahead that a verification, which runs with a low priority, starves.
        constexpr int roundsEach = 15;
        std::counting_semaphore<> permits{0};
        std::atomic<bool> isOver{false};
        std::atomic<int> rounds{0};
        std::atomic<bool> hasFailed{false};
        std::thread writer([&] {
            std::vector<OrderId> open;
            for (int i = 0; !hasFailed; ++i) {
                permits.acquire();
                if (isOver)
                    return;
                auto batch = books.partition().begin();
                std::vector<ReservationRequest> requests;
                for (int j = 0; j < 20; ++j)
                    open.push_back(books.scribe().submit(
                        documentOf("web", std::to_string(i) + '/' + std::to_string(j)), books.tick()));
                std::vector<StockOutcome> ended;
                for (const OrderId& id : open) {
                    const bool isCanceled = books.scribe().order(id).version == 3 && id.slot() % 4 == 0;
                    if (isCanceled)
                        books.scribe().act(
                            id, TakeAction{.action = Action::Cancel, .reason = "no more"}, books.tick());
                    else
                        books.pass(id);
                    const Order& order = books.scribe().order(id);
                    if (order.outcome != Outcome::Open)
                        ended.push_back({id,
                            order.outcome == Outcome::Completed ? StockEnd::Consumed : StockEnd::Released,
                            books.tick(), "system"});
                    else if (order.step.name == "allocate" && !order.compensating)
                        requests.push_back({id, {{"SKU-1", 1}, {"SKU-2", 1}}});
                }
                std::erase_if(open,
                    [&](const OrderId& id) { return books.scribe().order(id).outcome != Outcome::Open; });
                books.scribe().extra().stock = ended;
                hasFailed = !batch || !(*batch)->reserve(requests) || !books.scribe().commit(**batch)
                    || !books.partition().maintain(Moment::UnderLoad);
                ++rounds;
            }
        });
        const auto joined = qScopeGuard([&] {
            isOver = true;
            permits.release();
            writer.join();
        });
        for (int verified = 0; verified < 8; ++verified) {
            const int before = rounds;
            int permitted = 0;
            const VerificationStatus status = books.verify([&] {
                if (permitted < roundsEach) {
                    permits.release();
                    ++permitted;
                }
            });
            QVERIFY2(status.findings.empty(), storyOf(status).c_str());
            QCOMPARE(status.state, VerificationState::Done);
            // Orders have changed meanwhile, or this proves nothing.
            QTRY_VERIFY_WITH_TIMEOUT(rounds == before + permitted || hasFailed, 60'000);
            QVERIFY(!hasFailed);
        }
        QVERIFY(books.verify().findings.empty());
    }

    void runsOneAtATime()
    {
        const QTemporaryDir folder;
        Books books(folder.path().toStdString());
        GatedStore gated(books.store());
        Verifier verifier(gated, books.clock());
        const auto first = verifier.start("ann");
        const auto second = verifier.start("ben");
        QVERIFY(first.isNew);
        QVERIFY(!second.isNew);
        QCOMPARE(second.id, first.id);
        QCOMPARE(verifier.find(first.id)->state, VerificationState::Running);
        gated.letIn();
        QTRY_COMPARE(verifier.find(first.id)->state, VerificationState::Done);
        const auto third = verifier.start("ben");
        QVERIFY(third.isNew && third.id != first.id);
        QTRY_COMPARE(verifier.find(third.id)->state, VerificationState::Done);
        QVERIFY(verifier.find(first.id).has_value());
        QVERIFY(!verifier.find("ver_unheard_of").has_value());
    }

    void keepsOnlySoMuch()
    {
        const QTemporaryDir folder;
        Books books(folder.path().toStdString());
        books.tamper("UPDATE counter SET value = value + 1");
        Verifier verifier(books.store(), books.clock(), {.findings = 2, .verifications = 2});
        std::vector<std::string> ids;
        for (int i = 0; i < 3; ++i) {
            ids.push_back(verifier.start("ann").id);
            QTRY_VERIFY(verifier.find(ids.back())->state != VerificationState::Running);
        }
        QVERIFY(!verifier.find(ids[0]).has_value());
        QCOMPARE(verifier.find(ids[2])->findings.size(), std::size_t{2});
        QVERIFY(verifier.find(ids[2])->findingsInAll > 2);
    }

    void stopsWithTheDaemon()
    {
        const QTemporaryDir folder;
        Books books(folder.path().toStdString());
        GatedStore gated(books.store());
        auto verifier = std::make_unique<Verifier>(gated, books.clock());
        verifier->start("ann");
        gated.letIn();
        verifier.reset(); // comes back, wherever the verification is
    }
};

} // namespace gantry::test

QTEST_GUILESS_MAIN(gantry::test::VerifierTest)
#include "tst_verifier.moc"
