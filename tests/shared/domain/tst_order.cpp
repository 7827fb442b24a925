// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <functional>
#include <set>

namespace gantry {

using std::chrono::milliseconds;
using test::Journal;

class OrderTest : public QObject {
    Q_OBJECT

private:
    /// An order with something in every field.
    static Order fullOrder()
    {
        Journal journal;
        journal.submit().passTo("ship").act(Action::Cancel).fail("declined", true);
        Order order = journal.order();
        order.retryAt = fromMillis(1'770'000'100'000);
        order.holds = {{"h1", "ada", "to be looked at", fromMillis(1), fromMillis(2)},
            {"h2", "bob", "", fromMillis(3), {}}};
        order.retryCode = "busy";
        order.retry = std::make_shared<const RetryCheck>(RetryCheck{.step = "ship",
            .code = "busy",
            .version = 6,
            .at = fromMillis(5),
            .by = "ada",
            .verdict = RetryVerdict::FailedAgain,
            .decidedAt = fromMillis(6)});
        auto summary = *order.summary;
        summary.promiseAt = fromMillis(1'770'000'200'000);
        order.summary = std::make_shared<const OrderSummary>(summary);
        return order;
    }

    /// Every way in which two orders can differ, by one field each.
    static std::vector<std::pair<const char*, std::function<void(Order&)>>> changes()
    {
        const auto inSummary = [](auto change) {
            return [change](Order& order) {
                auto summary = *order.summary;
                change(summary);
                order.summary = std::make_shared<const OrderSummary>(summary);
            };
        };
        const auto inRetry = [](auto change) {
            return [change](Order& order) {
                auto retry = *order.retry;
                change(retry);
                order.retry = std::make_shared<const RetryCheck>(retry);
            };
        };
        return {{"id",
                    [](Order& o) {
                        o.id = OrderId::make(fromMillis(1), 2, {3, 4});
                    }},
            {"version", [](Order& o) { ++o.version; }},
            {"authorized", [](Order& o) { ++o.money.authorized; }},
            {"captured", [](Order& o) { ++o.money.captured; }},
            {"refunded", [](Order& o) { ++o.money.refunded; }},
            {"channel", inSummary([](OrderSummary& s) { s.channel += 'x'; })},
            {"external id", inSummary([](OrderSummary& s) { s.externalId += 'x'; })},
            {"channel and external id", inSummary([](OrderSummary& s) {
                 s.channel += s.externalId.front();
                 s.externalId.erase(0, 1);
             })},
            {"customer", inSummary([](OrderSummary& s) { s.customerName += 'x'; })},
            {"currency", inSummary([](OrderSummary& s) { s.currency = *Currency::fromCode("JPY"); })},
            {"total", inSummary([](OrderSummary& s) { ++s.total; })},
            {"line count", inSummary([](OrderSummary& s) { ++s.lineCount; })},
            {"quantity", inSummary([](OrderSummary& s) { ++s.quantity; })},
            {"priority", inSummary([](OrderSummary& s) { ++s.priority; })},
            {"promise", inSummary([](OrderSummary& s) { *s.promiseAt += milliseconds(1); })},
            {"no promise", inSummary([](OrderSummary& s) { s.promiseAt.reset(); })},
            {"promise before 1970", inSummary([](OrderSummary& s) { s.promiseAt = fromMillis(-1); })},
            {"created", inSummary([](OrderSummary& s) { s.createdAt += milliseconds(1); })},
            {"workflow", inSummary([](OrderSummary& s) { s.workflow += 'x'; })},
            {"workflow version", inSummary([](OrderSummary& s) { ++s.workflowVersion; })},
            {"skipped steps", inSummary([](OrderSummary& s) { s.skippedSteps = {"greet"}; })},
            {"done steps", inSummary([](OrderSummary& s) { s.doneSteps = {"greet"}; })},
            {"migrated", [](Order& o) { o.isMigrated = true; }},
            {"returned", [](Order& o) { o.hasReturned = true; }},
            {"reserved until", [](Order& o) { o.step.reservedUntil = fromMillis(1); }},
            {"no summary", [](Order& o) { o.summary.reset(); }},
            {"completed", [](Order& o) { o.outcome = Outcome::Completed; }},
            {"canceled", [](Order& o) { o.outcome = Outcome::Canceled; }},
            {"compensating", [](Order& o) { o.compensating = false; }},
            {"step", [](Order& o) { o.step.name = "charge"; }},
            {"performer", [](Order& o) { o.step.performer = Performer::Person; }},
            {"step role", [](Order& o) { o.step.role = Role::Support; }},
            {"approvals", [](Order& o) { ++o.step.approvals; }},
            {"step due", [](Order& o) { o.step.dueAt = fromMillis(1); }},
            {"approved by", [](Order& o) { o.approvedBy.emplace_back("ann"); }},
            {"incident service", [](Order& o) { o.incident->service += 'x'; }},
            {"attempt", [](Order& o) { ++o.attempt; }},
            {"attempts spent", [](Order& o) { ++o.attemptsSpent; }},
            {"retry", [](Order& o) { *o.retryAt += milliseconds(1); }},
            {"no retry", [](Order& o) { o.retryAt.reset(); }},
            {"retry before 1970", [](Order& o) { o.retryAt = fromMillis(-1); }},
            {"no hold", [](Order& o) { o.holds.clear(); }},
            {"one hold", [](Order& o) { o.holds.pop_back(); }},
            {"holds the other way round", [](Order& o) { std::swap(o.holds[0], o.holds[1]); }},
            {"hold id", [](Order& o) { o.holds[0].id += 'x'; }},
            {"hold owner", [](Order& o) { o.holds[0].owner += 'x'; }},
            {"hold reason", [](Order& o) { o.holds[0].reason += 'x'; }},
            {"hold placed", [](Order& o) { o.holds[0].placedAt += milliseconds(1); }},
            {"hold expires", [](Order& o) { o.holds[0].expiresAt.reset(); }},
            {"hold expires before 1970", [](Order& o) { o.holds[1].expiresAt = fromMillis(-1); }},
            {"no incident", [](Order& o) { o.incident.reset(); }},
            {"incident step", [](Order& o) { o.incident->step += 'x'; }},
            {"incident code", [](Order& o) { o.incident->code += 'x'; }},
            {"incident message", [](Order& o) { o.incident->message += 'x'; }},
            {"incident since", [](Order& o) { o.incident->since += milliseconds(1); }},
            {"one step less to undo", [](Order& o) { o.toCompensate.pop_back(); }},
            {"another step to undo", [](Order& o) { o.toCompensate[0] += 'x'; }},
            {"at the step since", [](Order& o) { o.stepSince += milliseconds(1); }},
            {"updated", [](Order& o) { o.updatedAt += milliseconds(1); }},
            {"retry code", [](Order& o) { o.retryCode += 'x'; }},
            {"no verified retry", [](Order& o) { o.retry.reset(); }},
            {"retried step", inRetry([](RetryCheck& r) { r.step += 'x'; })},
            {"retried code", inRetry([](RetryCheck& r) { r.code += 'x'; })},
            {"retried in", inRetry([](RetryCheck& r) { ++r.version; })},
            {"retried at", inRetry([](RetryCheck& r) { r.at += milliseconds(1); })},
            {"retried by", inRetry([](RetryCheck& r) { r.by += 'x'; })},
            {"verdict", inRetry([](RetryCheck& r) { r.verdict = RetryVerdict::FailedAnew; })},
            {"decided", inRetry([](RetryCheck& r) { r.decidedAt.reset(); })},
            {"decided at", inRetry([](RetryCheck& r) { r.decidedAt = fromMillis(-1); })}};
    }

private Q_SLOTS:
    void stateFollowsFromTheFacts_data()
    {
        QTest::addColumn<Order>("order");
        QTest::addColumn<OrderState>("state");
        QTest::addColumn<bool>("machineDue");
        const Order machine{.id = {}, .version = 2, .step = {"s", Performer::Machine, Role::Admin}};
        const auto row = [&](const char* name, OrderState state, bool due, const auto& change) {
            Order order = machine;
            change(order);
            QTest::newRow(name) << order << state << due;
        };
        const Incident incident{"s", "c", "m", {}};
        row("machine step", OrderState::Running, true, [](Order&) {});
        row("first event", OrderState::Received, true, [](Order& o) { o.version = 1; });
        row("first event, person", OrderState::Waiting, false, [](Order& o) {
            o.version = 1;
            o.step.performer = Performer::Person;
        });
        row("person", OrderState::Waiting, false, [](Order& o) { o.step.performer = Performer::Person; });
        row("retry", OrderState::Waiting, false, [](Order& o) { o.retryAt = Timestamp{}; });
        row("hold", OrderState::Waiting, false, [](Order& o) { o.holds.resize(1); });
        row("incident", OrderState::Failed, false, [&](Order& o) { o.incident = incident; });
        row("held incident", OrderState::Failed, false, [&](Order& o) {
            o.incident = incident;
            o.holds.resize(1);
        });
        row("undoing", OrderState::Compensating, true, [](Order& o) { o.compensating = true; });
        row("undoing, retry", OrderState::Compensating, false, [](Order& o) {
            o.compensating = true;
            o.retryAt = Timestamp{};
        });
        row("clock", OrderState::Waiting, false, [](Order& o) { o.step.performer = Performer::Clock; });
        row("undoing, incident", OrderState::CompensationFailed, false, [&](Order& o) {
            o.compensating = true;
            o.incident = incident;
        });
        row("completed", OrderState::Completed, false, [](Order& o) { o.outcome = Outcome::Completed; });
        row("canceled", OrderState::Canceled, false, [](Order& o) {
            o.outcome = Outcome::Canceled;
            o.compensating = true;
        });
    }

    void stateFollowsFromTheFacts()
    {
        QFETCH(Order, order);
        QFETCH(OrderState, state);
        QFETCH(bool, machineDue);
        QCOMPARE(stateOf(order), state);
        QCOMPARE(isMachineDue(order), machineDue);
    }

    void transitionsAreTheTable()
    {
        using enum OrderState;
        const std::vector<std::pair<OrderState, std::set<OrderState>>> table{
            {Received, {Received, Running, Waiting, Failed, Compensating, Completed, Canceled}},
            {Running, {Running, Waiting, Failed, Compensating, Completed, Canceled}},
            {Waiting, {Running, Waiting, Failed, Compensating, Completed, Canceled}},
            {Failed, {Running, Waiting, Failed, Compensating, Completed, Canceled}},
            {Compensating, {Compensating, Canceled, CompensationFailed}},
            {Completed, {Completed}},
            {Canceled, {Canceled}},
            {CompensationFailed, {Compensating, Canceled, CompensationFailed}},
        };
        QCOMPARE(table.size(), orderStateCount);
        for (const auto& [from, followers] : table)
            for (std::size_t i = 0; i < orderStateCount; ++i) {
                const auto to = static_cast<OrderState>(i);
                QVERIFY2(isLegalTransition(from, to) == followers.contains(to),
                    (std::string(stateName(from)) + " to " + std::string(stateName(to))).c_str());
            }
    }

    void namesGoBothWays()
    {
        for (std::size_t i = 0; i < orderStateCount; ++i) {
            const auto state = static_cast<OrderState>(i);
            QCOMPARE(stateFromName(stateName(state)), std::optional(state));
        }
        for (const Role role : {Role::Viewer, Role::Warehouse, Role::Support, Role::Admin})
            QCOMPARE(roleFromName(roleName(role)), std::optional(role));
        for (const std::string_view unknown : {"", "Running", "paused", "root"}) {
            QVERIFY(!stateFromName(unknown));
            QVERIFY(!roleFromName(unknown));
        }
    }

    void everyFieldCountsForEqualityAndDigest()
    {
        const Order order = fullOrder();
        std::set<std::uint64_t> digests{digestOf(order)};
        for (const auto& [name, change] : changes()) {
            Order other = order;
            QVERIFY2(other == order, name);
            change(other);
            QVERIFY2(!(other == order), name);
            QVERIFY2(digests.insert(digestOf(other)).second, name);
        }
    }

    void equalOrdersNeedNotShareTheirSummary()
    {
        const Order order = fullOrder();
        Order other = order;
        other.summary = std::make_shared<const OrderSummary>(*order.summary);
        QVERIFY(order == other);
        QCOMPARE(digestOf(order), digestOf(other));
    }

    void digestIsTheSameOnEveryMachine()
    {
        // Daemon and console compare digests: a change of this number is a change of the protocol.
        Journal journal;
        journal.submit().passTo("pick").hold("h");
        QCOMPARE(digestOf(journal.order()), std::uint64_t{941005694788815966ULL});
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::OrderTest)
#include "tst_order.moc"
