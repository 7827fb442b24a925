// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/action_dialog.h"

#include "shared/protocol/problem.h"
#include "tests/console/support/console_bench.h"

#include <QSignalSpy>
#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

/// A window with one order chosen.
struct Chosen : ConsoleBench {
    explicit Chosen(OrderState state)
    {
        window.show();
        goLive(400);
        QTest::qWait(0);
        id = firstIn(state);
        window.orders().table().selectOrder(id);
        QTest::qWait(0);
    }
    ActionDialog& open(Qt::Key key)
    {
        QTest::keyClick(&window, key);
        return dialog();
    }
    ActionDialog& dialog()
    {
        ActionDialog* open = window.dialog();
        if (!open)
            qFatal("no dialog is open");
        return *open;
    }
    [[nodiscard]] std::vector<ApiCall> posts() const { return link.calls("POST", "/actions"); }

    OrderId id;
};

} // namespace

class TestActionDialog : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aKeyOpensItAndEnterPostsTheRightCall()
    {
        Chosen bench(OrderState::Failed);
        const auto version = bench.daemon.order(bench.id).version;
        ActionDialog& dialog = bench.open(Qt::Key_R);
        QVERIFY(!dialog.goButton().isEnabled());
        dialog.reason().setText(u"   "_s);
        QVERIFY(!dialog.goButton().isEnabled());
        dialog.reason().setText(u" bank is back "_s);
        QSignalSpy done(&dialog, &ActionDialog::done);
        QTest::keyClick(&dialog.reason(), Qt::Key_Return);
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(bench.posts().size(), std::size_t{1});
        const ApiCall call = bench.posts().front();
        QCOMPARE(call.target, "/v1/orders/" + bench.id.text() + "/actions");
        const std::string body = "{\"action\":\"retry\",\"reason\":\"bank is back\",\"step\":\""
            + bench.daemon.order(bench.id).step.name + "\"}";
        QCOMPARE(call.body, body);
        QCOMPARE(call.headers.front().second, '"' + std::to_string(version) + '"');
        QVERIFY(!bench.daemon.order(bench.id).incident);
        QTRY_VERIFY(!bench.window.dialog());
    }

    void noTextOfAnOrderIsTakenForMarkup()
    {
        Chosen bench(OrderState::Failed);
        for (const QLabel* label : bench.open(Qt::Key_R).findChildren<QLabel*>())
            if (!label->text().isEmpty() && label->buddy() == nullptr)
                QVERIFY2(label->textFormat() == Qt::PlainText, qPrintable(label->text()));
    }

    void aHoldMayEndByItself()
    {
        Chosen bench(OrderState::Waiting);
        ActionDialog& dialog = bench.open(Qt::Key_H);
        dialog.reason().setText(u"stocktaking"_s);
        auto* until = dialog.findChild<QComboBox*>();
        QVERIFY(until->isVisible());
        until->setCurrentIndex(2);
        QSignalSpy done(&dialog, &ActionDialog::done);
        dialog.goButton().click();
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(bench.daemon.order(bench.id).holds.back().expiresAt, testNow + std::chrono::hours(4));
    }

    void oneHoldOfSeveralIsReleased()
    {
        Chosen bench(OrderState::Waiting);
        QVERIFY(bench.daemon.act(bench.id, Action::Hold, testNow, "ben", "one"));
        QVERIFY(bench.daemon.act(bench.id, Action::Hold, testNow, "ben", "two"));
        bench.link.publish();
        const std::string first = bench.daemon.order(bench.id).holds.front().id;
        const auto count = bench.daemon.order(bench.id).holds.size();
        Q_EMIT bench.window.detail().findChild<HoldsView*>()->releaseRequested(QString::fromStdString(first));
        ActionDialog& dialog = bench.dialog();
        dialog.reason().setText(u"mail came"_s);
        QSignalSpy done(&dialog, &ActionDialog::done);
        dialog.goButton().click();
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(bench.daemon.order(bench.id).holds.size(), count - 1);
        QVERIFY(bench.daemon.order(bench.id).holds.front().id != first);
    }

    void refusalsAreToldInWords_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("words");
        QTest::addColumn<bool>("mayRepeat");
        const auto row = [](const char* name, ErrorCode code, const QString& words, bool repeat) {
            QTest::newRow(name) << static_cast<int>(code) << words << repeat;
        };
        row("412", ErrorCode::VersionMismatch, u"changed while you were deciding"_s, false);
        row("409", ErrorCode::ActionNotAllowed, u"Nothing was done. The daemon's own words"_s, false);
        row("403", ErrorCode::Forbidden, u"You may not do this"_s, false);
        row("503", ErrorCode::Busy, u"takes nothing more just now"_s, true);
        row("no answer", ErrorCode::Unavailable, u"not known whether it was done"_s, true);
    }
    void refusalsAreToldInWords()
    {
        QFETCH(int, code);
        QFETCH(QString, words);
        QFETCH(bool, mayRepeat);
        Chosen bench(OrderState::Failed);
        const Error error{static_cast<ErrorCode>(code), "The daemon's own words"};
        if (error.code == ErrorCode::Unavailable)
            bench.link.answerNextWith(tl::unexpected(error));
        else
            bench.link.answerNextWith(ApiAnswer{httpStatus(error.code), encodeProblem(error)});
        ActionDialog& dialog = bench.open(Qt::Key_R);
        dialog.reason().setText(u"bank is back"_s);
        dialog.goButton().click();
        QTRY_VERIFY2(dialog.failureText().contains(words), qPrintable(dialog.failureText()));
        QVERIFY(dialog.isVisible());
        QCOMPARE(dialog.goButton().isVisible(), mayRepeat);
        if (!mayRepeat)
            return;
        QSignalSpy done(&dialog, &ActionDialog::done);
        dialog.goButton().click();
        QTRY_COMPARE(done.size(), 1);
        QCOMPARE(bench.posts()[0].headers, bench.posts()[1].headers);
    }

    void anOrderThatMovesOnMeanwhileIsNoticed()
    {
        Chosen bench(OrderState::Failed);
        ActionDialog& dialog = bench.open(Qt::Key_R);
        QVERIFY(dialog.noticeText().isEmpty());
        QVERIFY(bench.daemon.act(bench.id, Action::Retry, testNow, "ben", "I was first"));
        bench.link.publish();
        QVERIFY(dialog.noticeText().contains(u"has changed since you opened this"_s));
        dialog.reason().setText(u"bank is back"_s);
        dialog.goButton().click();
        QTRY_VERIFY(dialog.failureText().contains(u"changed while you were deciding"_s));
        QCOMPARE(bench.daemon.events(bench.id).back().actor, std::string("ben"));
    }

    void aListIsFrozenCountedAndToldPerOrder()
    {
        Chosen bench(OrderState::Failed);
        OrderTable& table = bench.window.orders().table();
        table.selectAll();
        const auto chosen = table.selectedOrders();
        int possible = 0;
        for (const auto& order : chosen)
            possible += isPossible(Action::Retry, *order) ? 1 : 0;
        ActionDialog& dialog = bench.open(Qt::Key_R);
        QCOMPARE(dialog.run().total(), possible);
        QVERIFY(possible > 1 && possible < static_cast<int>(chosen.size()));
        QVERIFY(dialog.windowTitle().contains(QString::number(possible)));
        // What fails after the list was frozen is not retried with it.
        const OrderId later = bench.firstIn(OrderState::Received);
        bench.daemon.fail(later, testNow, "price_mismatch", "Too cheap", true);
        bench.link.publish();
        bench.link.answerNextWith(failure(ErrorCode::Unavailable, "no answer"));
        dialog.reason().setText(u"bank is back"_s);
        dialog.goButton().click();
        QTRY_VERIFY(!dialog.run().isRunning());
        QCOMPARE(dialog.run().count(ActionRun::Stand::Done), possible - 1);
        QVERIFY(dialog.failureText().contains(u"%1 done, 1 not"_s.arg(possible - 1)));
        QVERIFY(bench.daemon.order(later).incident);
        dialog.goButton().click();
        QTRY_COMPARE(dialog.run().count(ActionRun::Stand::Done), possible);
    }
};

QTEST_MAIN(TestActionDialog)
#include "tst_action_dialog.moc"
