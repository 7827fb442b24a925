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

QString targetText(const Order& order, Timestamp now)
{
    if (!order.step.dueAt)
        return {};
    return u' '
        + (*order.step.dueAt >= now
                ? Words::tr("It should be done in %1.").arg(ageText(*order.step.dueAt - now))
                : Words::tr("It should have been done %1 ago.").arg(ageText(now - *order.step.dueAt)));
}

QString runningText(const Order& order, Timestamp now)
{
    return Words::tr("%1 is being done, attempt %2, for %3.")
               .arg(capitalized(stepWord(order.step.name)), QString::number(order.attempt),
                   ageText(now - order.stepSince))
        + targetText(order, now);
}

/// The names, with "and" before the last.
QString namesText(const std::vector<std::string>& names)
{
    QStringList list;
    for (const std::string& name : names)
        list << toText(name);
    const QString last = list.takeLast();
    return list.isEmpty() ? last : Words::tr("%1 and %2").arg(list.join(u", "_s), last);
}

QString personText(const Order& order, Timestamp now)
{
    const QString role = roleWord(order.step.role);
    const QString step = stepWord(order.step.name);
    const QString age = ageText(now - order.stepSince);
    if (!order.step.isApproval())
        return Words::tr("Waiting for %1 to do %2, for %3.").arg(role, step, age) + targetText(order, now);
    const std::size_t missing = order.step.approvals - order.approvedBy.size();
    QString text = missing == 1
        ? Words::tr("Waiting for one of %1 to approve %2, for %3.").arg(role, step, age)
        : Words::tr("Waiting for %1 of %2 to approve %3, for %4.")
              .arg(QString::number(missing), role, step, age);
    if (!order.approvedBy.empty())
        text += u' ' + Words::tr("%1 approved already.").arg(namesText(order.approvedBy));
    return text + targetText(order, now);
}

QString clockText(const Order& order, Timestamp now)
{
    const QString step = capitalized(stepWord(order.step.name));
    if (order.step.dueAt && *order.step.dueAt > now)
        return Words::tr("%1: the order goes on by itself in %2.")
            .arg(step, ageText(*order.step.dueAt - now));
    return Words::tr("%1: the order goes on by itself, now.").arg(step);
}

QString waitingText(const Order& order, Timestamp now)
{
    if (!order.holds.empty())
        return holdText(order, now);
    if (order.retryAt)
        return retryText(order, now);
    return order.step.performer == Performer::Clock ? clockText(order, now) : personText(order, now);
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
    case OrderState::Waiting: return waitingText(order, now);
    case OrderState::Failed:
    case OrderState::CompensationFailed: return failedText(order, now);
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
    case Action::Approve:
        return order.approvedBy.size() + 1 < order.step.approvals
            ? Words::tr("Your approval of %1 is recorded; somebody else has to approve it, too.").arg(step)
            : Words::tr("%1 is approved by you, and the order goes on with the next step.").arg(first);
    case Action::Reject:
        return Words::tr(
            "%1 is refused by you. As its workflow says, the order is canceled and what was done "
            "is undone, or it stays here as failed.")
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
    case Action::Approve:
        return Words::tr("The present step of each order is approved by you. Those that need nobody else's "
                         "approval go on.");
    case Action::Reject:
        return Words::tr("The present step of each order is refused by you. As its workflow says, each order "
                         "is canceled, or stays as failed.");
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
        if (order.step.isApproval())
            return Words::tr("This step is approved or rejected, not completed.");
        if (order.step.performer == Performer::Clock)
            return Words::tr("Nothing is done at this step: the order waits for its time.");
        return order.step.performer == Performer::Machine
            ? Words::tr("This step is done by a machine.")
            : Words::tr("A hold or a failure stands in the way.");
    case Action::Approve:
    case Action::Reject:
        return order.step.isApproval() ? Words::tr("A hold or a failure stands in the way.")
                                       : Words::tr("This step is no approval.");
    }
    return {};
}

} // namespace gantry::console
