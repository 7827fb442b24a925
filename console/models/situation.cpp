// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/situation.h"

#include "console/models/wording.h"

#include <QCoreApplication>
#include <QStringList>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(gantry::console::Situation)
};

QString attemptsText(const Order& order)
{
    return counted(order.attemptsSpent, Words::tr("1 attempt"), Words::tr("%1 attempts"));
}

/// The message with its code after it: "The bank refused the card (declined)."
QString incidentText(const Incident& incident)
{
    const QString code = toText(incident.code);
    if (incident.message.empty())
        return Words::tr("Code: %1.").arg(code);
    QString message = capitalized(toText(incident.message));
    while (message.endsWith(u'.'))
        message.chop(1);
    return Words::tr("%1 (%2).").arg(message, code);
}

QString closedWithStop(QString sentence)
{
    if (!sentence.endsWith(u'.') && !sentence.endsWith(u'!') && !sentence.endsWith(u'?'))
        sentence += u'.';
    return sentence;
}

QString failedText(const Order& order, Timestamp now)
{
    const QString step = stepWord(order.incident->step);
    const QString what = order.compensating ? Words::tr("Undoing %1 failed").arg(step)
                                            : Words::tr("%1 failed").arg(capitalized(step));
    return Words::tr("%1 %2 ago, after %3. %4")
        .arg(what, ageText(now - order.incident->since), attemptsText(order), incidentText(*order.incident));
}

QString holdText(const Order& order, Timestamp now)
{
    const Hold& hold = order.holds.front();
    QString text = Words::tr("Held before %1 by %2 for %3: %4")
                       .arg(stepWord(order.step.name), toText(hold.owner), ageText(now - hold.placedAt),
                           closedWithStop(toText(hold.reason)));
    if (order.holds.size() > 1)
        text += u' '
            + counted(
                order.holds.size() - 1, Words::tr("1 more hold stands."), Words::tr("%1 more holds stand."));
    else if (hold.expiresAt)
        text += u' ' + Words::tr("It ends by itself in %1.").arg(ageText(*hold.expiresAt - now));
    return text;
}

QString retryText(const Order& order, Timestamp now)
{
    const QString failed =
        Words::tr("Attempt %1 of %2 failed").arg(QString::number(order.attempt), stepWord(order.step.name));
    return *order.retryAt > now
        ? Words::tr("%1; the next one comes in %2.").arg(failed, ageText(*order.retryAt - now))
        : Words::tr("%1; the next one is due now.").arg(failed);
}

QString runningText(const Order& order, Timestamp now)
{
    return Words::tr("%1 is being done, attempt %2, for %3.")
        .arg(capitalized(stepWord(order.step.name)), QString::number(order.attempt),
            ageText(now - order.stepSince));
}

QString compensatingText(const Order& order)
{
    QStringList left;
    for (const std::string& step : order.toCompensate)
        left << stepWord(step);
    const QString now = order.retryAt
        ? Words::tr("Being canceled: undoing %1 failed once and is tried again")
              .arg(stepWord(order.step.name))
        : Words::tr("Being canceled: %1 is being undone").arg(stepWord(order.step.name));
    return left.isEmpty() ? now + u'.' : Words::tr("%1, then %2.").arg(now, left.join(u", "_s));
}

QString undoneSteps(const Order& order)
{
    return Words::tr("Whatever %1 and the steps before it did is undone, last first; the order can't be "
                     "resumed after that.")
        .arg(stepWord(order.step.name));
}

} // namespace

QString situationOf(const Order& order, Timestamp now)
{
    switch (stateOf(order)) {
    case OrderState::Received:
        return Words::tr("Received %1 ago; %2 comes first.")
            .arg(ageText(now - order.summary->createdAt), stepWord(order.step.name));
    case OrderState::Running: return runningText(order, now);
    case OrderState::Waiting:
        if (!order.holds.empty())
            return holdText(order, now);
        if (order.retryAt)
            return retryText(order, now);
        return Words::tr("Waiting for %1 to do %2, for %3.")
            .arg(roleWord(order.step.role), stepWord(order.step.name), ageText(now - order.stepSince));
    case OrderState::Failed: return failedText(order, now);
    case OrderState::Compensating: return compensatingText(order);
    case OrderState::Completed:
        return Words::tr("Completed %1 ago; nothing is left to do.").arg(ageText(now - order.updatedAt));
    case OrderState::Canceled:
        return Words::tr("Canceled %1 ago; nothing is left to do.").arg(ageText(now - order.updatedAt));
    }
    return {};
}

QString consequenceOf(Action action, const Order& order)
{
    const QString step = stepWord(order.step.name);
    const QString first = capitalized(step);
    switch (action) {
    case Action::Retry:
        return order.compensating ? Words::tr("Undoing %1 is tried again at once.").arg(step)
                                  : Words::tr("%1 is tried again at once, as attempt %2.")
                                        .arg(first, QString::number(order.attempt + 1));
    case Action::Hold:
        return Words::tr("Nothing more is done to the order after what is under way, until the hold ends.");
    case Action::Release: return Words::tr("The hold ends, and the order goes on with %1.").arg(step);
    case Action::Cancel: return undoneSteps(order);
    case Action::Override:
        return order.compensating
            ? Words::tr("Undoing %1 counts as done without being done. Nobody checks that it was.").arg(step)
            : Words::tr("%1 counts as done without being done, and the order goes on with the next step. "
                        "Nobody checks that it was.")
                  .arg(first);
    case Action::Complete:
        return Words::tr("%1 is recorded as done by you, and the order goes on with the next step.")
            .arg(first);
    }
    return {};
}

QString consequenceForMany(Action action)
{
    switch (action) {
    case Action::Retry: return Words::tr("The step where each order is stuck is tried again at once.");
    case Action::Hold:
        return Words::tr(
            "Nothing more is done to these orders after what is under way, until the hold ends.");
    case Action::Release: return Words::tr("All holds of these orders end, and each order goes on.");
    case Action::Cancel:
        return Words::tr(
            "Whatever was done for these orders is undone, last first; they can't be resumed after that.");
    case Action::Override:
        return Words::tr(
            "The present step of each order counts as done without being done. Nobody checks that it was.");
    case Action::Complete:
        return Words::tr(
            "The present step of each order is recorded as done by you, and each order goes on.");
    }
    return {};
}

QString refusalOf(Action action, const Order& order, Role role)
{
    if (!isPermitted(action, order.step, role))
        return Words::tr("The role %1 may not do this at step %2.")
            .arg(roleWord(role), stepWord(order.step.name));
    if (isPossible(action, order))
        return {};
    if (order.outcome != Outcome::Open)
        return Words::tr("The order has ended.");
    switch (action) {
    case Action::Retry: return Words::tr("Nothing has failed, so there is nothing to try again.");
    case Action::Hold:
    case Action::Cancel: return Words::tr("The order is being canceled already.");
    case Action::Release: return Words::tr("The order has no hold.");
    case Action::Override: return Words::tr("Only a step that failed or waits can be overridden.");
    case Action::Complete:
        return order.step.performer == Performer::Machine
            ? Words::tr("This step is done by a machine.")
            : Words::tr("A hold or a failure stands in the way.");
    }
    return {};
}

} // namespace gantry::console
