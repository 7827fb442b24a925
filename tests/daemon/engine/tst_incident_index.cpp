// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/incident_index.h"
#include "daemon/engine/order_book.h"

#include <QTest>
#include <limits>
#include <map>
#include <random>

using namespace gantry;
using namespace gantry::engine;

namespace {

constexpr Timestamp kStart = fromMillis(1'770'000'000'000);

struct Facts {
    std::string code; ///< empty: no incident
    std::string step = "pay";
    int minute = 0;
    const char* currency = "EUR";
    MinorUnits total = 1000;
    bool compensating = false;
};

std::shared_ptr<const Order> orderOf(std::uint64_t number, const Facts& facts)
{
    Order order;
    order.id = OrderId::make(kStart, {}, {1, number});
    order.version = 3;
    OrderSummary summary{.channel = {},
        .externalId = {},
        .customerName = {},
        .currency = *Currency::fromCode(facts.currency),
        .total = facts.total};
    order.summary = std::make_shared<const OrderSummary>(std::move(summary));
    order.step = {facts.step, Performer::Machine, Role::Admin};
    order.compensating = facts.compensating;
    if (!facts.code.empty())
        order.incident = Incident{facts.step, facts.code, "said " + std::to_string(number),
            kStart + std::chrono::minutes(facts.minute)};
    return std::make_shared<const Order>(std::move(order));
}

} // namespace

class TstIncidentIndex : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void groupsByCauseTheMostFrequentFirst();
    void sumsMoneyByCurrencyAndNeverOverflows();
    void forgetsWhatIsMended();
    void leavesOffTheRarest();
    void agreesWithARecount();
};

void TstIncidentIndex::groupsByCauseTheMostFrequentFirst()
{
    IncidentIndex index;
    index.add(orderOf(1, {.code = "declined", .minute = 5}));
    index.add(orderOf(2, {.code = "timeout", .minute = 9}));
    index.add(orderOf(3, {.code = "timeout", .minute = 2}));
    index.add(orderOf(4, {.code = "timeout", .minute = 3, .compensating = true}));
    index.add(orderOf(5, {}));
    const auto groups = index.groups(10);
    QCOMPARE(groups.size(), std::size_t{3});
    QCOMPARE(groups[0].cause, (IncidentCause{"pay", "timeout", false}));
    QCOMPARE(groups[0].count, std::size_t{2});
    QCOMPARE(groups[0].firstSince, kStart + std::chrono::minutes(2));
    QCOMPARE(groups[0].lastSince, kStart + std::chrono::minutes(9));
    QCOMPARE(groups[0].example, orderOf(2, {})->id);
    QCOMPARE(groups[0].message, std::string("said 2"));
    QCOMPARE(groups[1].count, std::size_t{1});
    QVERIFY(groups[1].cause.code != groups[2].cause.code);
}

void TstIncidentIndex::sumsMoneyByCurrencyAndNeverOverflows()
{
    constexpr auto most = std::numeric_limits<MinorUnits>::max();
    IncidentIndex index;
    index.add(orderOf(1, {.code = "x", .currency = "JPY", .total = 70}));
    index.add(orderOf(2, {.code = "x", .total = most}));
    index.add(orderOf(3, {.code = "x", .total = 1}));
    index.add(orderOf(4, {.code = "x", .currency = "JPY", .total = 7}));
    const auto money = index.groups(1).front().atStake;
    QCOMPARE(money.size(), std::size_t{2});
    QCOMPARE(std::string(money[0].currency.code()), std::string("EUR"));
    QCOMPARE(money[0].total, most);
    QCOMPARE(money[1].total, MinorUnits{77});
}

void TstIncidentIndex::forgetsWhatIsMended()
{
    OrderBook book;
    book.put(orderOf(1, {.code = "timeout"}), 1);
    QCOMPARE(book.incidents().causeCount(), std::size_t{1});
    book.put(orderOf(1, {.code = "declined"}), 2);
    QCOMPARE(book.incidents().groups(9).front().cause.code, std::string("declined"));
    QCOMPARE(book.incidents().causeCount(), std::size_t{1});
    book.put(orderOf(1, {}), 3);
    QCOMPARE(book.incidents().causeCount(), std::size_t{0});
    book.put(orderOf(1, {.code = "timeout"}), 4);
    Order canceled = *orderOf(1, {});
    canceled.outcome = Outcome::Canceled;
    book.put(std::make_shared<const Order>(canceled), 5);
    QCOMPARE(book.incidents().causeCount(), std::size_t{0});
    QCOMPARE(book.size(), std::size_t{0});
}

void TstIncidentIndex::leavesOffTheRarest()
{
    IncidentIndex index;
    for (std::uint64_t i = 0; i < 6; ++i)
        index.add(orderOf(i, {.code = i < 3 ? "a" : i < 5 ? "b" : "c"}));
    const auto groups = index.groups(2);
    QCOMPARE(groups.size(), std::size_t{2});
    QCOMPARE(groups[1].cause.code, std::string("b"));
    QCOMPARE(index.causeCount(), std::size_t{3});
}

void TstIncidentIndex::agreesWithARecount()
{
    const auto seed = qEnvironmentVariableIsSet("GANTRY_SEED")
        ? static_cast<unsigned>(qEnvironmentVariableIntValue("GANTRY_SEED"))
        : std::random_device{}();
    qInfo("GANTRY_SEED=%u replays this run", seed);
    std::mt19937 random(seed);
    OrderBook book;
    std::map<std::uint64_t, std::string> codes;
    for (int step = 0; step < 5'000; ++step) {
        const std::uint64_t number = random() % 50;
        const std::string code(random() % 3 == 0 ? 0 : 1, static_cast<char>('a' + random() % 4));
        book.put(orderOf(number, {.code = code, .minute = static_cast<int>(random() % 100)}),
            static_cast<std::uint64_t>(step));
        codes[number] = code;
        std::map<std::string, std::size_t> counts;
        for (const auto& [each, its] : codes)
            if (!its.empty())
                ++counts[its];
        const auto groups = book.incidents().groups(100);
        QCOMPARE(groups.size(), counts.size());
        for (const IncidentGroup& group : groups)
            QCOMPARE(group.count, counts[group.cause.code]);
    }
}

QTEST_APPLESS_MAIN(TstIncidentIndex)
#include "tst_incident_index.moc"
