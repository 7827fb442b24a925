// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_columns.h"

#include "console/models/plain_text.h"
#include "console/models/situation.h"
#include "console/models/wording.h"

#include <QCoreApplication>
#include <algorithm>

namespace gantry::console {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(gantry::console::OrderColumns)
};

QString headerText(OrderColumn column)
{
    switch (column) {
    case OrderColumn::State: return Words::tr("State");
    case OrderColumn::Order: return Words::tr("Order");
    case OrderColumn::Channel: return Words::tr("Channel");
    case OrderColumn::Customer: return Words::tr("Customer");
    case OrderColumn::Step: return Words::tr("Step");
    case OrderColumn::Age: return Words::tr("In step");
    case OrderColumn::Promise: return Words::tr("Promise");
    case OrderColumn::Total: return Words::tr("Total");
    case OrderColumn::Cause: return Words::tr("Cause");
    }
    return {};
}

bool isNumeric(OrderColumn column)
{
    return column == OrderColumn::Age || column == OrderColumn::Promise || column == OrderColumn::Total;
}

/// How far off the promise is; of an order that has ended, whether it was kept.
QString promiseText(const Order& order, Timestamp now)
{
    const auto& promise = order.summary->promiseAt;
    if (!promise || order.outcome == Outcome::Canceled)
        return {};
    if (order.outcome == Outcome::Open)
        return slackText(*promise, now);
    return order.updatedAt <= *promise ? Words::tr("kept") : slackText(*promise, order.updatedAt);
}

Tone promiseTone(const Order& order, Timestamp now)
{
    const auto& promise = order.summary->promiseAt;
    if (!promise || order.outcome == Outcome::Canceled)
        return Tone::Plain;
    if (order.outcome == Outcome::Open)
        return slackTone(*promise, now);
    return order.updatedAt <= *promise ? Tone::Muted : Tone::Danger;
}

QString cellText(const OrderRow& row, OrderColumn column, Timestamp now)
{
    const Order& order = *row.order;
    const OrderSummary& summary = *order.summary;
    switch (column) {
    case OrderColumn::State: return stateWord(row.state);
    case OrderColumn::Order: return row.externalId;
    case OrderColumn::Channel: return row.channel;
    case OrderColumn::Customer: return row.customer;
    case OrderColumn::Step: return stepWord(order.step.name);
    case OrderColumn::Age: return ageText(now - order.stepSince);
    case OrderColumn::Promise: return promiseText(order, now);
    case OrderColumn::Total: return moneyText(summary.total, summary.currency);
    case OrderColumn::Cause: return row.cause;
    }
    return {};
}

QString cellTip(const OrderRow& row, OrderColumn column, Timestamp now)
{
    const OrderSummary& summary = *row.order->summary;
    switch (column) {
    case OrderColumn::State:
    case OrderColumn::Cause: return situationOf(*row.order, now);
    case OrderColumn::Order: return toText(row.order->id.text());
    case OrderColumn::Age: return Words::tr("In this step since %1").arg(exactTime(row.order->stepSince));
    case OrderColumn::Promise:
        return summary.promiseAt ? Words::tr("Promised for %1").arg(exactTime(*summary.promiseAt))
                                 : Words::tr("No promise was made");
    case OrderColumn::Total: return counted(summary.lineCount, Words::tr("1 line"), Words::tr("%1 lines"));
    case OrderColumn::Channel:
    case OrderColumn::Customer:
    case OrderColumn::Step: return cellText(row, column, now);
    }
    return {};
}

/// A promise that was not made sorts after every promise that was.
std::int64_t promiseKey(const OrderRow& row)
{
    const auto& promise = row.order->summary->promiseAt;
    return promise ? toMillis(*promise) : std::numeric_limits<std::int64_t>::max();
}

QVariant sortKey(const OrderRow& row, OrderColumn column)
{
    switch (column) {
    case OrderColumn::State: return urgencyOf(row.state);
    case OrderColumn::Order: return row.orderKey;
    case OrderColumn::Channel: return row.channel;
    case OrderColumn::Customer: return row.customerKey;
    case OrderColumn::Step: return row.step;
    case OrderColumn::Age: return -static_cast<qlonglong>(toMillis(row.order->stepSince));
    case OrderColumn::Promise: return static_cast<qlonglong>(promiseKey(row));
    case OrderColumn::Total: return static_cast<qlonglong>(row.order->summary->total);
    case OrderColumn::Cause: return row.cause;
    }
    return {};
}

Tone cellTone(const OrderRow& row, OrderColumn column, Timestamp now)
{
    switch (column) {
    case OrderColumn::Promise: return promiseTone(*row.order, now);
    case OrderColumn::Cause: return hasIncident(row.state) ? Tone::Danger : Tone::Muted;
    case OrderColumn::Channel: return Tone::Muted;
    case OrderColumn::State:
    case OrderColumn::Order:
    case OrderColumn::Customer:
    case OrderColumn::Step:
    case OrderColumn::Age:
    case OrderColumn::Total: return Tone::Plain;
    }
    return Tone::Plain;
}

template <typename T>
int compare(const T& a, const T& b)
{
    return a < b ? -1 : (b < a ? 1 : 0);
}

/// The first four UTF-16 units, as QString compares them.
std::uint64_t prefixOf(const QString& text)
{
    std::uint64_t prefix = 0;
    for (qsizetype i = 0; i < 4; ++i)
        prefix = (prefix << 16) | (i < text.size() ? text[i].unicode() : 0U);
    return prefix;
}

/// The first eight bytes.
std::uint64_t prefixOf(const QByteArray& text)
{
    std::uint64_t prefix = 0;
    for (qsizetype i = 0; i < 8; ++i)
        prefix = (prefix << 8) | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    return prefix;
}

/// A signed number as an unsigned one that sorts alike.
std::uint64_t prefixOf(std::int64_t number)
{
    return static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
}

std::uint64_t prefixOf(const OrderSummary& summary)
{
    std::uint64_t prefix = 0;
    for (const char letter : summary.currency.code())
        prefix = (prefix << 5) | static_cast<std::uint64_t>(letter - 'A');
    // What does not fit into 48 bits is cut to the largest that does: such totals compare in full.
    constexpr std::int64_t most = (std::int64_t{1} << 47) - 1;
    return (prefix << 48) | static_cast<std::uint64_t>(std::clamp(summary.total, -most, most) + most);
}

std::uint64_t columnPrefix(const OrderRow& row, OrderColumn column)
{
    switch (column) {
    case OrderColumn::State: return static_cast<std::uint64_t>(urgencyOf(row.state));
    case OrderColumn::Order: return prefixOf(row.orderKey);
    case OrderColumn::Channel: return prefixOf(row.channel);
    case OrderColumn::Customer: return prefixOf(row.customerKey);
    case OrderColumn::Step: return prefixOf(row.step);
    case OrderColumn::Age: return prefixOf(-toMillis(row.order->stepSince));
    case OrderColumn::Promise: return prefixOf(promiseKey(row));
    case OrderColumn::Total: return prefixOf(*row.order->summary);
    case OrderColumn::Cause:
        return row.cause.isEmpty() ? std::numeric_limits<std::uint64_t>::max() : prefixOf(row.cause);
    }
    return 0;
}

/// Empty texts sort last: an order without a cause is not what a sort by cause looks for.
int compareCauses(const QString& a, const QString& b)
{
    if (a.isEmpty() != b.isEmpty())
        return a.isEmpty() ? 1 : -1;
    return a.compare(b);
}

int compareTotals(const OrderSummary& a, const OrderSummary& b)
{
    const int byCurrency = a.currency.code().compare(b.currency.code());
    return byCurrency != 0 ? byCurrency : compare(a.total, b.total);
}

int compareByColumn(const OrderRow& a, const OrderRow& b, OrderColumn column)
{
    switch (column) {
    case OrderColumn::State: return compare(urgencyOf(a.state), urgencyOf(b.state));
    case OrderColumn::Order: return a.orderKey.compare(b.orderKey);
    case OrderColumn::Channel: return a.channel.compare(b.channel);
    case OrderColumn::Customer: return a.customerKey.compare(b.customerKey);
    case OrderColumn::Step: return a.step.compare(b.step);
    case OrderColumn::Age: return -compare(a.order->stepSince, b.order->stepSince);
    case OrderColumn::Promise: return compare(promiseKey(a), promiseKey(b));
    case OrderColumn::Total: return compareTotals(*a.order->summary, *b.order->summary);
    case OrderColumn::Cause: return compareCauses(a.cause, b.cause);
    }
    return 0;
}

} // namespace

int urgencyOf(OrderState state)
{
    switch (state) {
    case OrderState::CompensationFailed: return 0;
    case OrderState::Failed: return 1;
    case OrderState::Compensating: return 2;
    case OrderState::Waiting: return 3;
    case OrderState::Running: return 4;
    case OrderState::Received: return 5;
    case OrderState::Completed: return 6;
    case OrderState::Canceled: return 7;
    }
    return 8;
}

QVariant orderHeader(OrderColumn column, int role)
{
    if (role == Qt::DisplayRole)
        return headerText(column);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue<Qt::Alignment>(
            (isNumeric(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

QVariant orderCell(const OrderRow& row, OrderColumn column, int role, Timestamp now)
{
    switch (role) {
    case Qt::DisplayRole: return cellText(row, column, now);
    case Qt::ToolTipRole: return plainTip(cellTip(row, column, now));
    case Qt::TextAlignmentRole: return orderHeader(column, role);
    case IdRole: return toText(row.order->id.text());
    case StateRole: return static_cast<int>(row.state);
    case SortRole: return sortKey(row, column);
    case ToneRole: return static_cast<int>(cellTone(row, column, now));
    case GoneRole: return false;
    default: return {};
    }
}

int compareRows(const OrderRow& a, const OrderRow& b, OrderColumn column, Qt::SortOrder order)
{
    if (&a == &b)
        return 0;
    if (const int by = compareByColumn(a, b, column))
        return order == Qt::AscendingOrder ? by : -by;
    if (column == OrderColumn::State)
        if (const int by = compare(promiseKey(a), promiseKey(b)))
            return by;
    return compare(a.order->id, b.order->id);
}

std::uint64_t sortPrefix(const OrderRow& row, OrderColumn column, Qt::SortOrder order)
{
    const std::uint64_t prefix = columnPrefix(row, column);
    if (column != OrderColumn::State)
        return order == Qt::AscendingOrder ? prefix : ~prefix;
    // The promise, which breaks ties between states, ascends in either direction.
    const std::uint64_t state = order == Qt::AscendingOrder ? prefix : 7 - prefix;
    return (state << 61) | (prefixOf(promiseKey(row)) >> 3);
}

void ColumnSpan::add(OrderColumn column)
{
    first = std::min(first, indexOf(column));
    last = std::max(last, indexOf(column));
}

void ColumnSpan::add(ColumnSpan other)
{
    first = std::min(first, other.first);
    last = std::max(last, other.last);
}

ColumnSpan changedColumns(const OrderRow& before, const OrderRow& after)
{
    ColumnSpan span;
    if (before.state != after.state)
        span.add(OrderColumn::State);
    if (before.step != after.step)
        span.add(OrderColumn::Step);
    if (before.order->stepSince != after.order->stepSince)
        span.add(OrderColumn::Age);
    if (before.cause != after.cause)
        span.add(OrderColumn::Cause);
    if (before.order->summary != after.order->summary && !(*before.order->summary == *after.order->summary)) {
        span.add(OrderColumn::Order);
        span.add(OrderColumn::Total);
    }
    return span;
}

} // namespace gantry::console
