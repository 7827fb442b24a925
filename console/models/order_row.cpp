// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_row.h"

#include "console/models/wording.h"

#include <QCoreApplication>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(gantry::console::OrderRow)
};

/// How many different shared texts are kept: channels and steps are few, but a sender decides how few.
constexpr qsizetype mostShared = 10'000;

} // namespace

QString causeOf(const Order& order)
{
    if (order.incident)
        return order.incident->message.empty()
            ? toText(order.incident->code)
            : toText(order.incident->code) + u": "_s + toText(order.incident->message);
    if (!order.holds.empty())
        return Words::tr("On hold: %1").arg(toText(order.holds.front().reason));
    if (order.retryAt)
        return Words::tr("Attempt %1 failed, to be tried again").arg(order.attempt);
    if (!order.approvedBy.empty())
        return Words::tr("Approved by %1; others have to, too").arg(toText(order.approvedBy.front()));
    return {};
}

OrderRowPtr OrderRowMaker::make(std::shared_ptr<const Order> order)
{
    const OrderSummary& summary = *order->summary;
    auto row = std::make_shared<OrderRow>();
    row->state = stateOf(*order);
    row->externalId = toText(summary.externalId);
    row->channel = shared(summary.channel);
    row->customer = toText(summary.customerName);
    row->step = shared(order->step.name);
    row->cause = causeOf(*order);
    row->searchText = QString(row->externalId + u'\n' + row->customer + u'\n' + row->channel + u'\n'
        + toText(order->id.text()) + u'\n' + row->cause)
                          .toCaseFolded();
    row->orderKey = naturalKey(row->externalId).toUtf8();
    row->customerKey = naturalKey(row->customer).toUtf8();
    row->order = std::move(order);
    return row;
}

QString OrderRowMaker::shared(std::string_view text)
{
    const QByteArray raw = QByteArray::fromRawData(text.data(), static_cast<qsizetype>(text.size()));
    if (const auto found = m_shared.constFind(raw); found != m_shared.cend())
        return *found;
    if (m_shared.size() >= mostShared)
        m_shared.clear();
    return *m_shared.insert(QByteArray(text.data(), static_cast<qsizetype>(text.size())), toText(text));
}

} // namespace gantry::console
