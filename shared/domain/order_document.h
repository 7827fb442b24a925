// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/money.h"
#include "shared/util/result.h"
#include "shared/util/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry {

/// One line of an order.
struct OrderLine {
    std::string sku;
    std::string name;
    std::int64_t quantity = 0; ///< 1 to 1,000,000
    MinorUnits unitPrice = 0; ///< not negative
    bool operator==(const OrderLine&) const = default;
};

/// Who ordered.
struct Customer {
    std::string name;
    std::string email;
    std::string phone;
    bool operator==(const Customer&) const = default;
};

/// Where an order ships to.
struct Address {
    std::string name;
    std::string line1;
    std::string line2;
    std::string city;
    std::string postalCode;
    std::string region;
    std::string country; ///< ISO 3166-1 alpha-2, upper case, or empty
    bool operator==(const Address&) const = default;
};

/// One payment that the customer chose: how, and how much of the total.
struct Payment {
    std::string method;
    MinorUnits amount = 0;
    bool operator==(const Payment&) const = default;
};

/// How far an order document may grow.
struct DocumentLimits {
    static constexpr std::size_t lines = 1000;
    static constexpr std::size_t payments = 100;
    static constexpr std::size_t tags = 50;
    static constexpr std::size_t metadata = 50;
    static constexpr std::size_t textBytes = 1000; ///< of any text
    static constexpr std::size_t keyBytes =
        100; ///< of channel, external id, SKU, tag, metadata key, payment method
    static constexpr std::int64_t quantity = 1'000'000;
    static constexpr int lowestPriority = 9;
};

/// An order as it was submitted. Written once, never changed: what changes stands in Order.
struct OrderDocument {
    std::string channel;
    std::string externalId;
    Currency currency;
    std::vector<OrderLine> lines{};
    Customer customer{};
    Address shippingAddress{};
    MinorUnits shipping = 0;
    MinorUnits discount = 0;
    MinorUnits tax = 0;
    MinorUnits total = 0;
    std::vector<Payment> payments{};
    int priority = 5; ///< 0 (first) to 9
    std::optional<Timestamp> promiseAt{};
    std::vector<std::string> tags{};
    std::vector<std::pair<std::string, std::string>> metadata{};
    bool operator==(const OrderDocument&) const = default;
};

/// What is wrong with a document beyond its syntax: ranges, sums, limits, control characters. Empty if nothing is. Texts must be UTF-8.
///
/// The sum rule: the total is the lines, plus shipping and tax, less the discount; and the payments, where there are any, add up to
/// the total. All exactly, all checked for overflow.
std::vector<FieldError> findFaults(const OrderDocument& document);

} // namespace gantry
