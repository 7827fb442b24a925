// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/event_words.h"

#include <QCoreApplication>
#include <QStringList>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(gantry::console::EventWords)
};

QString joined(const QString& first, const QString& second)
{
    return first.isEmpty() || second.isEmpty() ? first + second : first + u'\n' + second;
}

QString nextText(const std::optional<StepEntry>& next)
{
    return next ? Words::tr("Next: %1").arg(stepWord(next->name)) : QString();
}

/// A result as JSON, unless it is empty or an empty object.
QString resultText(const std::string& result)
{
    return result == "{}" ? QString() : toText(result);
}

/// One overload for each kind of event.
struct Describer {
    bool isUndoing;
    const std::optional<Currency>& currency;

    EventWords operator()(const OrderReceived& event) const
    {
        return {Words::tr("Order received"),
            Words::tr("From %1, %2. Next: %3")
                .arg(toText(event.summary->channel),
                    counted(event.summary->lineCount, Words::tr("1 line"), Words::tr("%1 lines")),
                    stepWord(event.first.name)),
            {}, Tone::Notice, u"state-received"_s};
    }

    EventWords operator()(const StepCompleted& event) const
    {
        return {Words::tr("%1 done").arg(capitalized(stepWord(event.step))),
            joined(joined(moneyText(event.money), joined(reasonText(event.reason), resultText(event.result))),
                nextText(event.next)),
            groupOf(event.step, event.attempt), Tone::Good, u"state-completed"_s};
    }

    EventWords operator()(const StepFailed& event) const
    {
        const QString why =
            event.message.empty() ? toText(event.code) : toText(event.code) + u": "_s + toText(event.message);
        const QString then = event.retryAt
            ? Words::tr("Tried again by itself at %1").arg(exactTime(*event.retryAt))
            : Words::tr("Not tried again by itself");
        return {capitalized((isUndoing ? Words::tr("undoing %1 failed") : Words::tr("%1 failed"))
                                .arg(stepWord(event.step))),
            joined(why, then), groupOf(event.step, event.attempt),
            event.retryAt ? Tone::Warning : Tone::Danger, u"state-failed"_s};
    }

    EventWords operator()(const RetryDue& event) const
    {
        return {
            capitalized((isUndoing ? Words::tr("undoing %1 is tried again") : Words::tr("%1 is tried again"))
                            .arg(stepWord(event.step))),
            {}, groupOf(event.step, event.attempt), Tone::Plain, u"action-retry"_s};
    }

    EventWords operator()(const StepRetried& event) const
    {
        return {Words::tr("Retry of %1 asked for").arg(stepWord(event.step)), reasonText(event.reason),
            groupOf(event.step, event.attempt), Tone::Notice, u"action-retry"_s};
    }

    EventWords operator()(const StepOverridden& event) const
    {
        return {Words::tr("%1 overridden: counts as done").arg(capitalized(stepWord(event.step))),
            joined(reasonText(event.reason), nextText(event.next)), {}, Tone::Warning, u"action-override"_s};
    }

    EventWords operator()(const HoldPlaced& event) const
    {
        const QString until =
            event.expiresAt ? Words::tr("Until %1").arg(exactTime(*event.expiresAt)) : QString();
        return {Words::tr("Put on hold"), joined(reasonText(event.reason), until), {}, Tone::Warning,
            u"action-hold"_s};
    }

    EventWords operator()(const HoldReleased& event) const
    {
        return {Words::tr("Hold released"), reasonText(event.reason), {}, Tone::Good, u"action-release"_s};
    }

    EventWords operator()(const CancelRequested& event) const
    {
        QStringList steps;
        for (const std::string& step : event.undo)
            steps << stepWord(step);
        const QString undo = steps.isEmpty() ? Words::tr("Nothing has to be undone")
                                             : Words::tr("To be undone: %1").arg(steps.join(u", "_s));
        return {Words::tr("Cancellation begun"), joined(reasonText(event.reason), undo), {}, Tone::Warning,
            u"action-cancel"_s};
    }

    EventWords operator()(const StepCompensated& event) const
    {
        return {Words::tr("%1 undone").arg(capitalized(stepWord(event.step))),
            joined(moneyText(event.money), resultText(event.result)), groupOf(event.step, event.attempt),
            Tone::Good, u"state-compensating"_s};
    }

    EventWords operator()(const OrderCompleted&) const
    {
        return {Words::tr("Order completed"), {}, {}, Tone::Good, u"state-completed"_s};
    }

    EventWords operator()(const OrderCanceled&) const
    {
        return {Words::tr("Order canceled"), {}, {}, Tone::Muted, u"state-canceled"_s};
    }

    EventWords operator()(const ApprovalGiven& event) const
    {
        return {Words::tr("%1 approved; others have to, too").arg(capitalized(stepWord(event.step))),
            reasonText(event.reason), {}, Tone::Good, u"action-approve"_s};
    }

    EventWords operator()(const RetryNotPickedUp& event) const
    {
        return {Words::tr("Retry of %1 not picked up").arg(stepWord(event.step)),
            Words::tr("Nobody took the attempt in time. It stays due."), groupOf(event.step, event.attempt),
            Tone::Warning, u"action-retry"_s};
    }

    EventWords operator()(const WorkflowMigrated& event) const
    {
        const QString where = Words::tr("Stands at: %1").arg(stepWord(event.step.name));
        return {Words::tr("Moved to version %1 of %2").arg(event.version).arg(toText(event.workflow)),
            joined(reasonText(event.reason), where), {}, Tone::Notice, u"action-override"_s};
    }

    EventWords operator()(const ReservationExpired& event) const
    {
        return {Words::tr("Reservation over: its stock is free again"),
            Words::tr("Back at: %1").arg(stepWord(event.step.name)), {}, Tone::Warning, u"state-waiting"_s};
    }

    EventWords operator()(const MoneyCorrected& event) const
    {
        return {Words::tr("Money corrected"), joined(moneyText(event.money), reasonText(event.reason)), {},
            Tone::Warning, u"action-override"_s};
    }

private:
    [[nodiscard]] QString groupOf(const std::string& step, std::uint32_t attempt) const
    {
        // Attempts at undoing are numbered apart, by numbers that say nothing to a person.
        return isUndoing ? Words::tr("Undoing %1").arg(stepWord(step))
                         : Words::tr("%1, attempt %2").arg(capitalized(stepWord(step))).arg(attempt);
    }

    [[nodiscard]] QString moneyText(const MoneyChange& change) const
    {
        return currency ? capitalized(booksText(change, *currency)) : QString();
    }

    static QString reasonText(const std::string& reason)
    {
        return reason.empty() ? QString() : Words::tr("Reason: %1").arg(toText(reason));
    }
};

} // namespace

void EventContext::take(const EventBody& body)
{
    isUndoing = isUndoing || std::holds_alternative<CancelRequested>(body);
    if (const auto* received = std::get_if<OrderReceived>(&body))
        currency = received->summary->currency;
}

EventWords describeEvent(const Event& event, const EventContext& context)
{
    return std::visit(Describer{context.isUndoing, context.currency}, event.body);
}

} // namespace gantry::console
