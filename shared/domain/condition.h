// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_document.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

namespace gantry {

/// What a condition may ask of an order's document. docs/workflows.md lists them.
enum class ConditionField {
    Channel,
    Currency,
    Country,
    Region,
    Total,
    Shipping,
    Discount,
    Tax,
    Priority,
    Lines, ///< how many lines
    Quantity, ///< pieces over all lines
    Tags,
    PaymentMethods,
    Skus,
    Metadata, ///< with a key; an absent key reads as the empty text
};

/// What a field gives, and so what it can be compared with.
enum class ConditionType { Text, Number, Set };

enum class Comparison { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };

using ConditionValue = std::variant<std::int64_t, std::string>;

/// A condition on an order's document, in normal form: no `All` directly in an `All`, no `Any` directly in an `Any`. Immutable once parsed.
struct Condition {
    enum class Kind {
        All, ///< every one of two or more parts
        Any, ///< one of two or more parts at least
        Not, ///< its one part does not hold
        Compare, ///< field, comparison, one value
        OneOf, ///< the field is one of the values
        Contains, ///< the set holds the one value
    };
    Kind kind = Kind::Compare;
    std::vector<Condition> parts{};
    ConditionField field = ConditionField::Channel;
    std::string key{}; ///< of Metadata
    Comparison comparison = Comparison::Equal;
    std::vector<ConditionValue> values{};

    bool operator==(const Condition& other) const;
};

/// How far a condition may grow: what bounds the time and the depth of judging it.
struct ConditionLimits {
    static constexpr std::size_t bytes = 2000;
    static constexpr std::size_t depth = 32;
};

/// Why a text is not a condition.
struct ConditionError {
    std::size_t offset = 0; ///< byte in the text, from 0
    std::string message; ///< what is wrong and what to do
};

/// Reads a condition such as `total >= 50000 and not "vip" in tags`. Checks types and, where a field has a known set of values, the values.
tl::expected<Condition, ConditionError> parseCondition(std::string_view text);

/// The condition as text. Parsing that gives an equal condition.
std::string formatCondition(const Condition& condition);

/// Whether it holds for a document. Total: gives an answer for any parsed condition and any document. Pure, makes no copies.
bool isTrue(const Condition& condition, const OrderDocument& document) noexcept;

/// The type of a field.
ConditionType typeOf(ConditionField field) noexcept;

/// How a field is written; `metadata` stands before a dot and the key.
std::string_view fieldName(ConditionField field) noexcept;
constexpr std::size_t conditionFieldCount = 15;

} // namespace gantry
