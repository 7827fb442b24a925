// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_preview.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/random_orders.h"

#include <QTest>
#include <algorithm>

using namespace gantry;
using namespace gantry::bulk;
using gantry::test::Journal;

class BulkPreviewTest : public QObject {
    Q_OBJECT

    static Command commandFor(Action action, Role role = Role::Support)
    {
        return {.at = fromMillis(1'770'000'000'000),
            .actor = "ann",
            .role = role,
            .body = TakeAction{.action = action, .reason = "r", .holdId = action == Action::Hold ? "h" : ""}};
    }

    static BulkPreview previewOf(Action action, Role role = Role::Support)
    {
        return {commandFor(action, role), [](const std::string& name, int version) {
                    static const Workflow workflow = test::sampleWorkflow();
                    return name == workflow.name && version == workflow.version ? &workflow : nullptr;
                }};
    }

    static Order failedAt(const std::string& step)
    {
        Journal journal;
        journal.submit().passTo(step).fail("timeout", true);
        return journal.order();
    }

    /// Holds what was said to what the order becomes.
    static void compare(const BulkPreview& preview, const Order& before, const std::vector<Event>& events)
    {
        Order after = before;
        std::vector<std::string> undone;
        for (const Event& event : events) {
            after = apply(std::move(after), event);
            if (std::holds_alternative<CancelRequested>(event.body) && after.compensating) {
                undone = after.toCompensate;
                undone.push_back(after.step.name);
            }
        }
        const bool hasEnded = gantry::isFinal(stateOf(after));
        RC_ASSERT(preview.ends().size() == (hasEnded ? 1U : 0U));
        if (hasEnded)
            RC_ASSERT(preview.ends().begin()->first == stateOf(after));
        else
            for (const std::string& step : undone)
                RC_ASSERT(std::any_of(preview.undoes().begin(), preview.undoes().end(),
                    [&step](const auto& entry) { return entry.first.first == step; }));
        for (const auto& [work, count] : preview.runs()) {
            RC_ASSERT(isMachineDue(after));
            RC_ASSERT(work.first == after.step.name && count == 1);
        }
        const bool becomesDue = isMachineDue(after) && !isMachineDue(before) && undone.empty();
        RC_ASSERT(!becomesDue || preview.runs().size() == 1);
    }

private Q_SLOTS:
    void countsWhatARetryWouldDo()
    {
        BulkPreview preview = previewOf(Action::Retry);
        const Order atCharge = failedAt("charge");
        const Order atReserve = failedAt("reserve");
        Journal running;
        running.submit().passTo("pick");
        preview.add(&atCharge);
        preview.add(&atCharge);
        preview.add(&atReserve);
        preview.add(&running.order());
        preview.add(nullptr);
        QCOMPARE(preview.selected(), std::size_t{5});
        QCOMPARE(preview.acted(), std::size_t{3});
        QVERIFY((preview.places()
            == std::map<BulkPreview::Place, std::size_t>{{{OrderState::Failed, "charge"}, 2},
                {{OrderState::Failed, "reserve"}, 1}, {{OrderState::Waiting, "pick"}, 1}}));
        QVERIFY((preview.refused()
            == std::map<ErrorCode, std::size_t>{{ErrorCode::ActionNotAllowed, 1}, {ErrorCode::NotFound, 1}}));
        QVERIFY((preview.atStake() == std::map<std::string, MinorUnits>{{"EUR", 3 * 4998}}));
        QVERIFY((preview.runs()
            == std::map<BulkPreview::Work, std::size_t>{
                {{"charge", "charge"}, 2}, {{"reserve", "reserve"}, 1}}));
        QVERIFY(preview.undoes().empty() && preview.ends().empty());
    }

    void tellsWhatACancelWouldUndo()
    {
        BulkPreview preview = previewOf(Action::Cancel);
        const Order atReserve = failedAt("reserve");
        preview.add(&atReserve);
        Journal early;
        early.submit(); // nothing has had an effect yet
        preview.add(&early.order());
        QVERIFY((preview.undoes()
            == std::map<BulkPreview::Work, std::size_t>{
                {{"reserve", "unreserve"}, 1}, {{"charge", "refund"}, 1}}));
        QVERIFY((preview.ends() == std::map<OrderState, std::size_t>{{OrderState::Canceled, 1}}));
        QVERIFY(preview.runs().empty());
    }

    void tellsWhatAnOverrideAndAReleaseSetGoing()
    {
        BulkPreview overridden = previewOf(Action::Override);
        const Order atCharge = failedAt("charge");
        overridden.add(&atCharge);
        QVERIFY((overridden.runs() == std::map<BulkPreview::Work, std::size_t>{{{"reserve", "reserve"}, 1}}));
        Journal held;
        held.submit().passTo("charge").act(Action::Hold);
        BulkPreview released = previewOf(Action::Release);
        released.add(&held.order());
        QVERIFY((released.runs() == std::map<BulkPreview::Work, std::size_t>{{{"charge", "charge"}, 1}}));
        BulkPreview hold = previewOf(Action::Hold);
        Journal due;
        due.submit();
        hold.add(&due.order());
        QCOMPARE(hold.acted(), std::size_t{1});
        QVERIFY(hold.runs().empty());
    }

    void theRoleCounts()
    {
        BulkPreview preview = previewOf(Action::Retry, Role::Warehouse);
        const Order order = failedAt("charge");
        preview.add(&order);
        QVERIFY((preview.refused() == std::map<ErrorCode, std::size_t>{{ErrorCode::Forbidden, 1}}));
        QVERIFY(preview.atStake().empty());
    }

    void anUnknownWorkflowIsToldAndNotGuessed()
    {
        Journal other(test::singleStepWorkflow());
        other.submit();
        BulkPreview preview = previewOf(Action::Cancel);
        preview.add(&other.order());
        QVERIFY((preview.refused() == std::map<ErrorCode, std::size_t>{{ErrorCode::Unavailable, 1}}));
    }

    void whatIsSaidIsWhatIsDone()
    {
        QVERIFY(
            test::holds("a preview acts on an order exactly if the action is taken", [](std::uint64_t seed) {
                test::Dice dice(seed);
                const Workflow workflow = test::randomWorkflow(dice);
                Journal journal(workflow);
                journal.submit();
                Timestamp now = journal.now();
                for (auto i = dice.roll(30); i-- > 0;)
                    (void)journal.send(test::randomCommand(dice, journal.order(), workflow, now, {}));
                constexpr Action actions[] = {
                    Action::Retry, Action::Hold, Action::Release, Action::Cancel, Action::Override};
                const Action action = actions[dice.roll(std::size(actions))];
                BulkPreview preview(
                    commandFor(action), [&workflow](const std::string&, int) { return &workflow; });
                preview.add(&journal.order());
                const auto decided = decide(journal.order(), commandFor(action), workflow);
                RC_ASSERT(preview.acted() == (decided ? 1U : 0U));
                RC_ASSERT(preview.refused().size() == (decided ? 0U : 1U));
                if (decided)
                    compare(preview, journal.order(), *decided);
            }));
    }
};

QTEST_APPLESS_MAIN(BulkPreviewTest)
#include "tst_bulk_preview.moc"
