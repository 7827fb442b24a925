// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/retry_line.h"

#include "console/models/wording.h"

#include <QCoreApplication>

namespace gantry::console {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(gantry::console::RetryLine)
};

QString verdictText(const RetryCheck& retry, const Order& order)
{
    const QString after = ageText(retry.decidedAt.value_or(retry.at) - retry.at);
    switch (retry.verdict) {
    case RetryVerdict::Pending:
        return order.holds.empty() ? Words::tr("not known yet; the step has not come to an end")
                                   : Words::tr("not known yet; a hold stands in the way");
    case RetryVerdict::Fixed: return Words::tr("fixed after %1").arg(after);
    case RetryVerdict::FailedAgain:
        return retry.code.empty()
            ? Words::tr("failed again after %1").arg(after)
            : Words::tr("failed again the same way (%1) after %2").arg(toText(retry.code), after);
    case RetryVerdict::FailedAnew:
        return Words::tr("failed in a new way after %1; before it was %2").arg(after, toText(retry.code));
    case RetryVerdict::NotPickedUp:
        return Words::tr("nobody has taken it within %1; look whether its workers run").arg(after);
    case RetryVerdict::Superseded:
        return Words::tr("overridden or canceled after %1, before it was known").arg(after);
    }
    return {};
}

} // namespace

QString retryLineOf(const Order& order, Timestamp now)
{
    if (!order.retry)
        return {};
    const RetryCheck& retry = *order.retry;
    return Words::tr("Retry of %1 by %2 %3 ago: %4.")
        .arg(stepWord(retry.step), toText(retry.by), ageText(now - retry.at), verdictText(retry, order));
}

} // namespace gantry::console
