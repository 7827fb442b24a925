// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/money.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::console {

/// The file names of the Olist data set, as published.
namespace olist {
constexpr std::string_view orders = "olist_orders_dataset.csv";
constexpr std::string_view items = "olist_order_items_dataset.csv";
constexpr std::string_view payments = "olist_order_payments_dataset.csv";
constexpr std::string_view customers = "olist_customers_dataset.csv";
constexpr std::string_view products = "olist_products_dataset.csv";
constexpr std::string_view translation = "product_category_name_translation.csv";
} // namespace olist

/// A row of the orders file. Times are local Brazilian texts, empty where the source has none.
struct OlistOrder {
    std::uint64_t line = 0;
    std::string id;
    std::string customerId;
    std::string status;
    std::string purchasedAt;
    std::string approvedAt;
    std::string carrierAt;
    std::string deliveredAt;
    std::string estimatedAt;
};

/// A row of the items file: one piece.
struct OlistItem {
    std::uint64_t line = 0;
    std::int64_t number = 0;
    std::string productId;
    std::string sellerId;
    MinorUnits price = 0;
    MinorUnits freight = 0;
};

/// A row of the payments file.
struct OlistPayment {
    std::uint64_t line = 0;
    std::int64_t sequential = 0;
    std::string type;
    std::int64_t installments = 0;
    MinorUnits value = 0;
};

/// A row of the customers file.
struct OlistCustomer {
    std::uint64_t line = 0;
    std::string uniqueId;
    std::string zipPrefix;
    std::string city;
    std::string state;
    std::string fault{}; ///< why no order can go to this customer; empty if one can
};

/// What the side tables hold of one order.
struct OlistParts {
    std::vector<OlistItem> items; ///< by number
    std::vector<OlistPayment> payments; ///< by sequential
    std::string fault; ///< set when one of its rows was rejected: what is left would be half an order
};

/// What the category of a product is called.
struct OlistCategory {
    std::string name; ///< in English where there is a translation
    bool isKnownProduct = false;
    bool isTranslated = false;
};

} // namespace gantry::console
