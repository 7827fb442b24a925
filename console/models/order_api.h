// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/command_client.h"
#include "shared/domain/actions.h"
#include "shared/domain/event.h"
#include "shared/domain/order_document.h"
#include "shared/util/result.h"

#include <QString>
#include <optional>
#include <string>
#include <vector>

namespace gantry::console {

/// An action on one order, as a person decided it.
struct ActionRequest {
    OrderId order;
    std::uint32_t version = 0; ///< of the order that the person saw
    Action action = Action::Retry;
    std::string step; ///< where the order stood
    std::string reason;
    std::string holdId{}; ///< for Release: which one; empty means all
    std::optional<Timestamp> expiresAt{}; ///< for Hold
    std::string key; ///< of idempotency: the same for every repeat of this request
};

/// A whole order as the daemon gives it.
struct OrderDetails {
    OrderDocument document;
    Order order;
    std::string json; ///< as it came
};

/// Why an order does not go on, as the daemon sees it: it knows of pauses, limits, workers, services and the others that wait.
struct WaitingReason {
    std::string sentence;
    std::string help; ///< what would help; empty where nobody has to do anything
    bool operator==(const WaitingReason&) const = default;
};

/// A page of orders.
struct OrderPage {
    std::vector<std::shared_ptr<const Order>> orders; ///< in the daemon's sequence
    std::string nextCursor; ///< empty on the last page
};

/// Which orders to ask for.
struct OrderQuery {
    OrderState state = OrderState::Completed;
    std::string text{};
    std::string cursor{};
    bool operator==(const OrderQuery&) const = default;
};

constexpr std::uint32_t eventsPerPage = 200;
constexpr std::uint32_t ordersPerPage = 200;

ApiCall getOrderCall(const OrderId& id);
ApiCall getEventsCall(const OrderId& id, std::uint32_t afterVersion);
ApiCall getWaitingCall(const OrderId& id);
ApiCall getStatsCall();
ApiCall listOrdersCall(const OrderQuery& query);
ApiCall actionCall(const ActionRequest& request);

/// Reads the answer of getOrderCall(). Errors: the daemon's own, Corrupt.
Result<OrderDetails> readDetails(const ApiAnswer& answer);

/// Reads the answer of getEventsCall(). Errors: the daemon's own, Corrupt.
Result<std::vector<Event>> readEvents(const ApiAnswer& answer);

/// Reads the answer of getWaitingCall(). Errors: the daemon's own, Corrupt.
Result<WaitingReason> readWaiting(const ApiAnswer& answer);

/// Reads the answer of listOrdersCall(). Errors: the daemon's own, Corrupt.
Result<OrderPage> readPage(const ApiAnswer& answer);

/// Nothing if the answer says that it was done, else what the daemon says instead.
std::optional<Error> refusalIn(const ApiAnswer& answer);

/// A failed call in words: what happened, whether anything was done, and what to do next.
QString explainFailure(const Error& error);

/// Whether the very same request may be sent again, with its key.
bool mayRepeat(const Error& error);

} // namespace gantry::console
