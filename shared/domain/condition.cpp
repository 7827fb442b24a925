// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/condition.h"

#include <algorithm>
#include <array>

namespace gantry {

namespace {

struct FieldRow {
    ConditionField field;
    std::string_view name;
    ConditionType type;
};

// In the sequence of ConditionField.
constexpr std::array<FieldRow, conditionFieldCount> fields{{
    {ConditionField::Channel, "channel", ConditionType::Text},
    {ConditionField::Currency, "currency", ConditionType::Text},
    {ConditionField::Country, "country", ConditionType::Text},
    {ConditionField::Region, "region", ConditionType::Text},
    {ConditionField::Total, "total", ConditionType::Number},
    {ConditionField::Shipping, "shipping", ConditionType::Number},
    {ConditionField::Discount, "discount", ConditionType::Number},
    {ConditionField::Tax, "tax", ConditionType::Number},
    {ConditionField::Priority, "priority", ConditionType::Number},
    {ConditionField::Lines, "lines", ConditionType::Number},
    {ConditionField::Quantity, "quantity", ConditionType::Number},
    {ConditionField::Tags, "tags", ConditionType::Set},
    {ConditionField::PaymentMethods, "payment_methods", ConditionType::Set},
    {ConditionField::Skus, "skus", ConditionType::Set},
    {ConditionField::Metadata, "metadata", ConditionType::Text},
}};

constexpr bool tableIsInSequence()
{
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].field != static_cast<ConditionField>(i))
            return false;
    return true;
}
static_assert(tableIsInSequence());

constexpr std::array<std::string_view, 6> comparisonSigns{"==", "!=", "<", "<=", ">", ">="};

std::int64_t piecesOf(const OrderDocument& document) noexcept
{
    std::uint64_t sum = 0; // wraps, should a document be beyond its limits: never undefined
    for (const OrderLine& line : document.lines)
        sum += static_cast<std::uint64_t>(line.quantity);
    return static_cast<std::int64_t>(sum);
}

std::int64_t numberOf(ConditionField field, const OrderDocument& document) noexcept
{
    switch (field) {
    case ConditionField::Total: return document.total;
    case ConditionField::Shipping: return document.shipping;
    case ConditionField::Discount: return document.discount;
    case ConditionField::Tax: return document.tax;
    case ConditionField::Priority: return document.priority;
    case ConditionField::Lines: return static_cast<std::int64_t>(document.lines.size());
    case ConditionField::Quantity: return piecesOf(document);
    case ConditionField::Channel:
    case ConditionField::Currency:
    case ConditionField::Country:
    case ConditionField::Region:
    case ConditionField::Tags:
    case ConditionField::PaymentMethods:
    case ConditionField::Skus:
    case ConditionField::Metadata: break;
    }
    return 0;
}

std::string_view metadataOf(std::string_view key, const OrderDocument& document) noexcept
{
    for (const auto& [name, value] : document.metadata)
        if (name == key)
            return value;
    return {};
}

std::string_view textOf(const Condition& condition, const OrderDocument& document) noexcept
{
    switch (condition.field) {
    case ConditionField::Channel: return document.channel;
    case ConditionField::Currency: return document.currency.code();
    case ConditionField::Country: return document.shippingAddress.country;
    case ConditionField::Region: return document.shippingAddress.region;
    case ConditionField::Metadata: return metadataOf(condition.key, document);
    case ConditionField::Total:
    case ConditionField::Shipping:
    case ConditionField::Discount:
    case ConditionField::Tax:
    case ConditionField::Priority:
    case ConditionField::Lines:
    case ConditionField::Quantity:
    case ConditionField::Tags:
    case ConditionField::PaymentMethods:
    case ConditionField::Skus: break;
    }
    return {};
}

bool holdsValue(ConditionField set, const std::string& value, const OrderDocument& document) noexcept
{
    const auto isIn = [&value](const auto& elements, auto textOfElement) {
        return std::any_of(elements.begin(), elements.end(),
            [&](const auto& element) { return textOfElement(element) == value; });
    };
    if (set == ConditionField::Tags)
        return isIn(document.tags, [](const std::string& tag) { return std::string_view(tag); });
    if (set == ConditionField::PaymentMethods)
        return isIn(document.payments, [](const Payment& each) { return std::string_view(each.method); });
    return isIn(document.lines, [](const OrderLine& line) { return std::string_view(line.sku); });
}

template <typename T>
bool compares(const T& left, Comparison comparison, const T& right) noexcept
{
    switch (comparison) {
    case Comparison::Equal: return left == right;
    case Comparison::NotEqual: return left != right;
    case Comparison::Less: return left < right;
    case Comparison::LessOrEqual: return left <= right;
    case Comparison::Greater: return left > right;
    case Comparison::GreaterOrEqual: return left >= right;
    }
    return false;
}

bool comparesWith(const Condition& condition, Comparison comparison, const ConditionValue& value,
    const OrderDocument& document) noexcept
{
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return compares(numberOf(condition.field, document), comparison, *number);
    if (const auto* text = std::get_if<std::string>(&value))
        return compares(textOf(condition, document), comparison, std::string_view(*text));
    return false;
}

std::string formatValue(const ConditionValue& value)
{
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return std::to_string(*number);
    std::string quoted = "\"";
    for (const char c : std::get<std::string>(value)) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string formatField(const Condition& condition)
{
    std::string text(fieldName(condition.field));
    if (condition.field == ConditionField::Metadata)
        text += '.' + condition.key;
    return text;
}

bool isGroup(const Condition& condition)
{
    return condition.kind == Condition::Kind::All || condition.kind == Condition::Kind::Any;
}

std::string formatPart(const Condition& part, bool inParentheses)
{
    return inParentheses ? '(' + formatCondition(part) + ')' : formatCondition(part);
}

std::string formatGroup(const Condition& condition, std::string_view word)
{
    std::string text;
    for (const Condition& part : condition.parts) {
        if (!text.empty())
            text.append(1, ' ').append(word).append(1, ' ');
        text += formatPart(part, isGroup(part));
    }
    return text;
}

} // namespace

bool Condition::operator==(const Condition& other) const
{
    return kind == other.kind && parts == other.parts && field == other.field && key == other.key
        && comparison == other.comparison && values == other.values;
}

ConditionType typeOf(ConditionField field) noexcept
{
    return fields[static_cast<std::size_t>(field)].type;
}

std::string_view fieldName(ConditionField field) noexcept
{
    return fields[static_cast<std::size_t>(field)].name;
}

std::string formatCondition(const Condition& condition)
{
    switch (condition.kind) {
    case Condition::Kind::All: return formatGroup(condition, "and");
    case Condition::Kind::Any: return formatGroup(condition, "or");
    case Condition::Kind::Not:
        return "not " + formatPart(condition.parts.front(), isGroup(condition.parts.front()));
    case Condition::Kind::Compare:
        return formatField(condition) + ' '
            + std::string(comparisonSigns[static_cast<std::size_t>(condition.comparison)]) + ' '
            + formatValue(condition.values.front());
    case Condition::Kind::Contains:
        return formatValue(condition.values.front()) + " in " + formatField(condition);
    case Condition::Kind::OneOf: break;
    }
    std::string list;
    for (const ConditionValue& value : condition.values)
        list += (list.empty() ? "" : ", ") + formatValue(value);
    return formatField(condition) + " in [" + list + ']';
}

bool isTrue(const Condition& condition, const OrderDocument& document) noexcept
{
    const auto holds = [&document](const Condition& part) { return isTrue(part, document); };
    switch (condition.kind) {
    case Condition::Kind::All: return std::all_of(condition.parts.begin(), condition.parts.end(), holds);
    case Condition::Kind::Any: return std::any_of(condition.parts.begin(), condition.parts.end(), holds);
    case Condition::Kind::Not: return std::none_of(condition.parts.begin(), condition.parts.end(), holds);
    case Condition::Kind::Compare:
    case Condition::Kind::OneOf:
        return std::any_of(condition.values.begin(), condition.values.end(), [&](const auto& value) {
            const bool isList = condition.kind == Condition::Kind::OneOf;
            return comparesWith(
                condition, isList ? Comparison::Equal : condition.comparison, value, document);
        });
    case Condition::Kind::Contains:
        return std::any_of(condition.values.begin(), condition.values.end(), [&](const auto& value) {
            const auto* text = std::get_if<std::string>(&value);
            return text && holdsValue(condition.field, *text, document);
        });
    }
    return false;
}

} // namespace gantry
