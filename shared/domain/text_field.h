// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/order_document.h"

#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// A field of an order that gives a text, written as in conditions: `channel`, `currency`, `country`, `region`, `metadata.carrier_account`.
struct TextField {
    enum class Name { Channel, Currency, Country, Region, Metadata };
    Name name = Name::Channel;
    std::string key{}; ///< of Metadata
    bool operator==(const TextField&) const = default;
};

/// Reads the written form; empty if it is none.
std::optional<TextField> parseTextField(std::string_view text);

/// The written form.
std::string formatTextField(const TextField& field);

/// The value of an order's field, empty if the order has none.
std::string_view valueOf(const TextField& field, const OrderDocument& document) noexcept;

/// The same, of what every open order has in memory; nothing if it stands in the document alone.
std::optional<std::string_view> valueOf(const TextField& field, const OrderSummary& summary) noexcept;

} // namespace gantry
