// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/event_codec.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/random_orders.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <array>
#include <limits>

namespace gantry {

class EventCodecTest : public QObject {
    Q_OBJECT

private:
    JsonParser m_parser;

    static std::string written(const LoggedEvent& event)
    {
        JsonWriter json;
        writeEvent(json, event);
        return json.take();
    }

    Result<LoggedEvent> read(std::string_view text)
    {
        const auto root = m_parser.parse(text);
        return root ? readEvent(*root) : Result<LoggedEvent>(tl::unexpected(root.error()));
    }

    static std::optional<Timestamp> timeIf(test::Dice& dice)
    {
        return dice.chance(50)
            ? std::optional(fromMillis(static_cast<std::int64_t>(dice.roll(9'000'000'000'000))))
            : std::nullopt;
    }

    static std::optional<StepEntry> entryIf(test::Dice& dice)
    {
        constexpr std::array performers{Performer::Machine, Performer::Person, Performer::Clock};
        constexpr std::array roles{Role::Viewer, Role::Warehouse, Role::Support, Role::Admin};
        if (dice.chance(30))
            return std::nullopt;
        return StepEntry{test::randomText(dice, 50), dice.pick(performers), dice.pick(roles),
            static_cast<std::uint8_t>(dice.roll(256)), timeIf(dice)};
    }

    /// A body of the kind with that index: texts of any length with anything in them, numbers up to their ends.
    static EventBody randomBody(test::Dice& dice, std::size_t kind)
    {
        const auto text = [&] {
            return test::randomText(dice, 300)
                + (dice.chance(20) ? std::string("\n\0\x7f", 3) : std::string())
                + std::string(dice.chance(5) ? 10'000 : 0, 'x');
        };
        const auto number = [&] { return static_cast<std::uint32_t>(dice.next() >> dice.roll(64)); };
        const auto amount = [&] { return static_cast<MinorUnits>(dice.next()) >> dice.roll(64); };
        const auto money = [&] {
            return dice.chance(50) ? MoneyChange{} : MoneyChange{amount(), amount(), amount()};
        };
        const std::string result =
            dice.chance(50) ? std::string() : R"({"ref":"é\n","n":[1,-2,{}],"ok":true})";
        switch (kind) {
        case 0:
            return OrderReceived{test::summaryFor(test::randomWorkflow(dice)),
                entryIf(dice).value_or(StepEntry{"first", Performer::Machine, Role::Admin})};
        case 1: return StepCompleted{text(), number(), result, entryIf(dice), text(), money()};
        case 2: return StepFailed{text(), number(), text(), text(), timeIf(dice), text()};
        case 3: return RetryDue{text(), number()};
        case 4: return StepRetried{text(), number(), text()};
        case 5: return StepOverridden{text(), text(), entryIf(dice)};
        case 6: return HoldPlaced{text(), text(), timeIf(dice)};
        case 7: return HoldReleased{text(), text()};
        case 8: {
            CancelRequested canceled{text(), {}};
            for (auto i = dice.roll(5); i-- > 0;)
                canceled.undo.push_back(text());
            return canceled;
        }
        case 9: return StepCompensated{text(), number(), result, money()};
        case 10: return OrderCompleted{};
        case 11: return OrderCanceled{};
        case 12: return ApprovalGiven{text(), text()};
        case 13: return RetryNotPickedUp{text(), number()};
        case 15:
            return ReservationExpired{
                entryIf(dice).value_or(StepEntry{"allocate", Performer::Machine, Role::Admin}), number()};
        case 16: return MoneyCorrected{{amount(), amount(), 1}, text()};
        default: {
            WorkflowMigrated migrated{};
            migrated.workflow = text();
            migrated.version = static_cast<int>(dice.roll(1U << 31U));
            for (auto i = dice.roll(5); i-- > 0;)
                migrated.skippedSteps.push_back(text());
            migrated.step = entryIf(dice).value_or(StepEntry{"there", Performer::Person, Role::Support});
            migrated.attempt = number();
            migrated.reason = text();
            for (auto i = dice.roll(3); i-- > 0;)
                migrated.doneSteps.push_back(text());
            return migrated;
        }
        }
    }

    static LoggedEvent randomEvent(test::Dice& dice, std::size_t kind)
    {
        return {dice.next() >> 1, OrderId::make(fromMillis(5), 6, {dice.next(), dice.next()}),
            {static_cast<std::uint32_t>(dice.next()), timeIf(dice).value_or(Timestamp{}),
                test::randomText(dice, 90), randomBody(dice, kind)}};
    }

private Q_SLOTS:
    void everyKindRoundTrips()
    {
        constexpr std::size_t kinds = std::variant_size_v<EventBody>;
        QVERIFY(
            test::holds("an event of any kind, written and read, is the same", [this](std::uint64_t chance) {
                test::Dice dice(chance);
                for (std::size_t kind = 0; kind < kinds; ++kind) {
                    const LoggedEvent logged = randomEvent(dice, kind);
                    RC_ASSERT(logged.event.body.index() == kind);
                    const auto again = read(written(logged));
                    RC_ASSERT(again.has_value());
                    RC_ASSERT(again->sequence == logged.sequence);
                    RC_ASSERT((again->order == logged.order));
                    RC_ASSERT((again->event == logged.event));
                }
            }));
    }

    void aHistoryReadBackGivesTheSameOrder()
    {
        QVERIFY(test::holds("an order replayed from the JSON of its events has the same digest",
            [this](std::uint64_t chance) {
                test::Dice dice(chance);
                const auto history = test::randomHistory(dice, 60);
                Order replayed{.id = history.order.id};
                for (const Event& event : history.events) {
                    const auto again = read(written({event.version, history.order.id, event}));
                    RC_ASSERT(again.has_value());
                    replayed = apply(std::move(replayed), again->event);
                }
                RC_ASSERT((replayed == history.order));
                RC_ASSERT(digestOf(replayed) == digestOf(history.order));
            }));
    }

    void dataRoundTripsByTypeName()
    {
        test::Dice dice(1);
        for (std::size_t kind = 0; kind < std::variant_size_v<EventBody>; ++kind) {
            const EventBody body = randomBody(dice, kind);
            JsonWriter json;
            writeEventData(json, body);
            const auto again = readEventData(typeName(body), *m_parser.parse(json.text()));
            QVERIFY(again);
            QVERIFY(*again == body);
        }
    }

    void everyMemberIsMissed()
    {
        test::Dice dice(7);
        for (std::size_t kind = 0; kind < std::variant_size_v<EventBody>; ++kind) {
            const auto text = written(randomEvent(dice, kind));
            const QJsonObject event = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
            for (const QString& name : event.keys()) {
                QJsonObject less = event;
                less.remove(name);
                QVERIFY2(
                    codeOf(read(QJsonDocument(less).toJson().toStdString())) == "corrupt", qPrintable(name));
            }
            const QJsonObject data = event.value(QLatin1String("data")).toObject();
            for (const QString& name : data.keys()) {
                // These say by their absence that there is none.
                const bool isOptional = name == QLatin1String("next") || name == QLatin1String("result")
                    || name == QLatin1String("retry_at") || name == QLatin1String("expires_at")
                    || name == QLatin1String("service") || name == QLatin1String("approvals")
                    || name == QLatin1String("step_due_at") || name == QLatin1String("reserved_until")
                    || name == QLatin1String("done_steps") || (name == QLatin1String("reason") && kind == 1)
                    || (name == QLatin1String("money") && kind != 16);
                QJsonObject less = data;
                less.remove(name);
                QJsonObject damaged = event;
                damaged[QLatin1String("data")] = less;
                const auto again = read(QJsonDocument(damaged).toJson().toStdString());
                QVERIFY2(codeOf(again) == (isOptional ? "" : "corrupt"), qPrintable(name));
            }
        }
    }

    void damageIsTold_data()
    {
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char* name, const char* type, const char* data, const char* rest = "") {
            QTest::newRow(name)
                << QByteArray("{\"sequence\":1,\"order_id\":\"ord_00000000000000000000000000\","
                              "\"version\":1,\"at\":\"2026-03-01T08:15:30Z\",\"actor\":\"a\",\"type\":\"")
                    + type + "\",\"data\":" + data + rest + '}';
        };
        row("unknown type", "order_exploded", "{}");
        row("no type", "", "{}");
        row("data a list", "order_completed", "[]");
        row("data null", "order_completed", "null");
        row("member twice", "order_completed", "{}", ",\"version\":2");
        row("attempt too large", "retry_due", R"({"step":"s","attempt":4294967296})");
        row("attempt negative", "retry_due", R"({"step":"s","attempt":-1})");
        row("attempt a float", "retry_due", R"({"step":"s","attempt":1.0})");
        row("step a number", "retry_due", R"({"step":1,"attempt":1})");
        row("result a text", "step_completed", R"({"step":"s","attempt":1,"result":"{}"})");
        row("next a text", "step_completed", R"({"step":"s","attempt":1,"next":"pay"})");
        row("next unknown", "step_completed",
            R"({"step":"s","attempt":1,"next":{"step":"t","performer":"robot","step_role":"admin"}})");
        row("undo of numbers", "cancel_requested", R"({"reason":"r","undo":[1]})");
        row("retry no time", "step_failed",
            R"({"step":"s","attempt":1,"code":"c","message":"m","retry_at":"soon"})");
        row("summary empty", "order_received",
            R"({"summary":{},"first":{"step":"t","performer":"machine","step_role":"admin"}})");
    }

    void damageIsTold()
    {
        QFETCH(QByteArray, json);
        QCOMPARE(codeOf(read(json.toStdString())), std::string("corrupt"));
    }

    void sequenceAndVersionReachTheirEnds()
    {
        LoggedEvent logged{std::numeric_limits<std::int64_t>::max(), OrderId(),
            {std::numeric_limits<std::uint32_t>::max(), Timestamp{}, "system", OrderCompleted{}}};
        const auto again = read(written(logged));
        QVERIFY(again);
        QCOMPARE(again->sequence, logged.sequence);
        QCOMPARE(again->event.version, logged.event.version);
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::EventCodecTest)
#include "tst_event_codec.moc"
