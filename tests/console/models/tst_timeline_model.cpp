// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/timeline_model.h"

#include "tests/console/support/manual_clock.h"
#include "tests/console/support/model_log.h"
#include "tests/console/support/order_generator.h"

#include <QAbstractItemModelTester>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;
using std::chrono::seconds;

class TestTimelineModel : public QObject {
    Q_OBJECT

    ManualClock m_clock{testNow};

    /// Received, validated, paid at the second attempt after a person's retry, held, released.
    std::vector<Event> story()
    {
        FakeDaemon daemon(m_clock, 4);
        OrderGenerator generator(4);
        const OrderId id = daemon.submit(generator.document(testNow), testNow);
        daemon.succeed(id, testNow + seconds(2));
        daemon.fail(id, testNow + seconds(3), "declined", "The bank declined the card", true);
        static_cast<void>(daemon.act(id, Action::Retry, testNow + seconds(90), "ann", "New card"));
        daemon.succeed(id, testNow + seconds(91), R"({"payment_id":"p1"})");
        static_cast<void>(daemon.act(id, Action::Hold, testNow + seconds(92), "ben", "Wait for mail"));
        static_cast<void>(daemon.act(id, Action::Release, testNow + seconds(93), "ben", "Mail came"));
        return daemon.events(id);
    }

private Q_SLOTS:
    void tellsTheStoryInWords()
    {
        TimelineModel model(m_clock);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setEvents(story());
        QStringList lines;
        for (int row = 0; row < model.rowCount(); ++row) {
            const QModelIndex index = model.index(row);
            lines << index.data(TimelineModel::ActorRole).toString() + u": "_s + index.data().toString();
        }
        QCOMPARE(lines,
            (QStringList{u"system: Order received"_s, u"system: Validate done"_s, u"system: Pay failed"_s,
                u"ann: Retry of pay asked for"_s, u"system: Pay done"_s, u"ben: Put on hold"_s,
                u"ben: Hold released"_s}));
        QCOMPARE(model.index(2).data(TimelineModel::DetailRole).toString(),
            u"declined: The bank declined the card\nNot tried again by itself"_s);
        QCOMPARE(model.index(3).data(TimelineModel::DetailRole).toString(), u"Reason: New card"_s);
        QCOMPARE(model.index(3).data(TimelineModel::GapRole).toString(), u"1 min"_s);
        QVERIFY(model.toPlainText().contains(u"ben  Put on hold: Reason: Wait for mail"_s));
    }

    void attemptsAreGroups()
    {
        TimelineModel model(m_clock);
        model.setEvents(story());
        QCOMPARE(model.index(0).data(TimelineModel::GroupRole).toString(), QString());
        QCOMPARE(model.index(2).data(TimelineModel::GroupRole).toString(), u"Pay, attempt 1"_s);
        QCOMPARE(model.index(3).data(TimelineModel::GroupRole).toString(), u"Pay, attempt 2"_s);
        QVERIFY(model.index(3).data(TimelineModel::StartsGroupRole).toBool());
        QVERIFY(!model.index(4).data(TimelineModel::StartsGroupRole).toBool());
    }

    void appendsOnlyWhatIsNewAndRefusesAGap()
    {
        const auto events = story();
        TimelineModel model(m_clock);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        ModelLog log(model, 0);
        model.setEvents({events.begin(), events.begin() + 2});
        QCOMPARE(log.take(), QStringList{u"reset"_s});
        QVERIFY(!model.append({events[3]}));
        QCOMPARE(model.lastVersion(), 2U);
        QVERIFY(model.append({events.begin() + 1, events.begin() + 5}));
        QCOMPARE(log.take(), QStringList{u"insert 2-4"_s});
        QVERIFY(model.append({events[0], events[4]}));
        QCOMPARE(log.take(), QStringList());
        QCOMPARE(log.mirror(), log.present());
    }

    void everyKindOfEventHasWordsAndAnIcon()
    {
        const StepEntry entry{"pick", Performer::Person, Role::Warehouse};
        OrderSummary plain{.channel = "webshop",
            .externalId = "1",
            .customerName = {},
            .currency = *Currency::fromCode("EUR")};
        auto summary = std::make_shared<const OrderSummary>(std::move(plain));
        const std::vector<EventBody> bodies{OrderReceived{summary, entry},
            StepCompleted{"pay", 1, "{}", entry, {}}, StepFailed{"pay", 1, "timeout", {}, testNow},
            RetryDue{"pay", 2}, StepRetried{"pay", 2, "r"}, StepOverridden{"pay", "r", entry},
            HoldPlaced{"h", "r", testNow}, HoldReleased{"h", "r"}, CancelRequested{"r", {"pay"}},
            StepCompensated{"pay", 1, {}}, OrderCompleted{}, OrderCanceled{}, ApprovalGiven{"review", "r"},
            RetryNotPickedUp{"pay", 2}, WorkflowMigrated{"standard", 2, {}, entry, 3, "r"},
            ReservationExpired{entry, 4}, MoneyCorrected{{0, -100, 0}, "r"}};
        QCOMPARE(bodies.size(), std::variant_size_v<EventBody>);
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            QCOMPARE(bodies[i].index(), i);
            const EventWords words =
                describeEvent({1, testNow, "ann", bodies[i]}, {i % 2 == 0, summary->currency});
            QVERIFY(!words.title.isEmpty());
            QVERIFY(!words.icon.isEmpty());
            QVERIFY(!words.title.contains(u'%') && !words.detail.contains(u'%'));
        }
    }

    void moneyIsToldInTheOrdersCurrency()
    {
        TimelineModel model(m_clock);
        const auto summary = std::make_shared<const OrderSummary>(
            OrderSummary{"web", "1", "Ada", *Currency::fromCode("EUR"), 3390});
        const StepEntry pay{"pay"};
        model.setEvents({{1, testNow, "system", OrderReceived{summary, pay}},
            {2, testNow, "payment.capture", StepCompleted{"pay", 1, {}, pay, {}, {3390, 3390, 0}}},
            {3, testNow, "ann", MoneyCorrected{{0, -100, 0}, "counted twice"}}});
        const QString text = model.toPlainText();
        QVERIFY2(text.contains(u"Captured 33.90\u00A0EUR"_s), qPrintable(text));
        QVERIFY2(text.contains(u"Money corrected: Captured -1.00\u00A0EUR; Reason: counted twice"_s),
            qPrintable(text));
    }
};

QTEST_GUILESS_MAIN(TestTimelineModel)
#include "tst_timeline_model.moc"
