// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/order_document.h"
#include "shared/util/age_text.h"
#include "shared/util/time.h"

#include <optional>
#include <simdjson.h>
#include <string>
#include <vector>

namespace gantry::console {

/// An order as an answer of the API shows it, with or without its document. What is missing is empty: a newer daemon may
/// say more, an older one less.
struct OrderView {
    std::string id;
    std::string channel;
    std::string externalId;
    std::string state;
    std::string step;
    std::string currencyCode;
    std::optional<Currency> currency;
    MinorUnits total = 0;
    MinorUnits shipping = 0;
    MinorUnits discount = 0;
    MinorUnits tax = 0;
    OrderMoney money;
    std::int64_t version = 0;
    std::string workflow;
    std::int64_t workflowVersion = 0;
    std::optional<Timestamp> createdAt;
    std::optional<Timestamp> updatedAt;
    std::optional<Timestamp> promiseAt;
    std::optional<RetryCheck> retry;
    std::vector<Hold> holds;
    std::optional<Incident> incident;
    std::vector<OrderLine> lines;
    std::vector<Payment> payments;
    Customer customer;
    Address address;
    std::vector<std::pair<std::string, std::string>> metadata;
};

/// Reads an order leniently: unknown members are passed over, wrong ones left empty.
OrderView readOrderView(simdjson::dom::element json);

/// An amount with its currency: `12.34 BRL`.
std::string amountText(const OrderView& order, MinorUnits amount);

/// What was authorized, captured and refunded; empty if nothing was.
std::string booksText(const OrderView& order);

/// One sentence on the last retry that a person asked for; empty if there was none.
std::string retryText(const OrderView& order);

} // namespace gantry::console
