// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <QByteArray>
#include <QHash>
#include <QString>
#include <memory>

namespace gantry::console {

/// One order as lists show it: what filtering, sorting and painting need, worked out once. Immutable; shared between models.
struct OrderRow {
    std::shared_ptr<const Order> order;
    OrderState state = OrderState::Received;
    QString externalId;
    QString channel;
    QString customer;
    QString step;
    QString cause; ///< of the incident, hold or coming retry; empty when nothing is in the way
    QString searchText; ///< case-folded: external id, customer, channel, id, cause
    QByteArray orderKey; ///< UTF-8: natural sort key of the external id
    QByteArray customerKey; ///< UTF-8: natural sort key of the customer's name
};

using OrderRowPtr = std::shared_ptr<const OrderRow>;

/// Makes rows, and shares the texts that thousands of rows have in common. One thread.
class OrderRowMaker {
public:
    /// `order` must have a summary.
    [[nodiscard]] OrderRowPtr make(std::shared_ptr<const Order> order);

private:
    QString shared(std::string_view text);
    QHash<QByteArray, QString> m_shared;
};

/// What stands in an order's way, in a few words: `card_declined: the bank refused`, `hold: address unclear`.
QString causeOf(const Order& order);

} // namespace gantry::console
