// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/http_call.h"

#include "shared/domain/order_document.h"

#include <algorithm>
#include <array>

namespace gantry {

namespace {

struct FieldRow {
    std::string_view name;
    TemplateField field;
    TemplateType type;
};

constexpr std::string_view metadataPrefix = "metadata.";

// One line a field.
constexpr std::array fields{
    FieldRow{"order.id", TemplateField::OrderId, TemplateType::Text},
    FieldRow{"order.external_id", TemplateField::ExternalId, TemplateType::Text},
    FieldRow{"order.channel", TemplateField::Channel, TemplateType::Text},
    FieldRow{"order.currency", TemplateField::Currency, TemplateType::Text},
    FieldRow{"order.customer.name", TemplateField::CustomerName, TemplateType::Text},
    FieldRow{"order.customer.email", TemplateField::CustomerEmail, TemplateType::Text},
    FieldRow{"order.customer.phone", TemplateField::CustomerPhone, TemplateType::Text},
    FieldRow{"order.shipping_address.name", TemplateField::AddressName, TemplateType::Text},
    FieldRow{"order.shipping_address.line1", TemplateField::AddressLine1, TemplateType::Text},
    FieldRow{"order.shipping_address.line2", TemplateField::AddressLine2, TemplateType::Text},
    FieldRow{"order.shipping_address.city", TemplateField::AddressCity, TemplateType::Text},
    FieldRow{"order.shipping_address.postal_code", TemplateField::AddressPostalCode, TemplateType::Text},
    FieldRow{"order.shipping_address.region", TemplateField::AddressRegion, TemplateType::Text},
    FieldRow{"order.shipping_address.country", TemplateField::AddressCountry, TemplateType::Text},
    FieldRow{"idempotency_key", TemplateField::IdempotencyKey, TemplateType::Text},
    FieldRow{"step", TemplateField::Step, TemplateType::Text},
    FieldRow{"order.total", TemplateField::Total, TemplateType::Number},
    FieldRow{"order.shipping", TemplateField::Shipping, TemplateType::Number},
    FieldRow{"order.discount", TemplateField::Discount, TemplateType::Number},
    FieldRow{"order.tax", TemplateField::Tax, TemplateType::Number},
    FieldRow{"order.priority", TemplateField::Priority, TemplateType::Number},
    FieldRow{"attempt", TemplateField::Attempt, TemplateType::Number},
    FieldRow{"order", TemplateField::Order, TemplateType::Json},
    FieldRow{"order.customer", TemplateField::Customer, TemplateType::Json},
    FieldRow{"order.shipping_address", TemplateField::Address, TemplateType::Json},
    FieldRow{"order.lines", TemplateField::Lines, TemplateType::Json},
    FieldRow{"order.payments", TemplateField::Payments, TemplateType::Json},
    FieldRow{"order.tags", TemplateField::Tags, TemplateType::Json},
    FieldRow{"metadata", TemplateField::AllMetadata, TemplateType::Json},
};

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

std::string fieldList()
{
    std::string list;
    for (const FieldRow& row : fields)
        list.append(row.name).append(", ");
    return list + "metadata.KEY";
}

/// The piece that ends with the placeholder of that name. Errors: what is wrong with the name.
tl::expected<TextTemplate::Piece, std::string> pieceOf(std::string_view text, std::string_view name)
{
    if (name.starts_with(metadataPrefix)) {
        const std::string_view key = name.substr(metadataPrefix.size());
        if (key.empty() || key.size() > DocumentLimits::keyBytes)
            return tl::unexpected(std::string("metadata. needs a key of 1 to 100 bytes behind the dot"));
        return TextTemplate::Piece{std::string(text), TemplateField::Metadata, std::string(key)};
    }
    const auto found =
        std::find_if(fields.begin(), fields.end(), [name](const FieldRow& row) { return row.name == name; });
    if (found == fields.end())
        return tl::unexpected("{{" + std::string(name) + "}} is not a placeholder. There are " + fieldList());
    return TextTemplate::Piece{std::string(text), found->field, {}};
}

std::optional<CallVerdict> ruleFor(const HttpCall& call, int status) noexcept
{
    for (const StatusRule& rule : call.statuses)
        if (rule.status == status)
            return rule.verdict;
    return std::nullopt;
}

} // namespace

TemplateType typeOf(TemplateField field) noexcept
{
    for (const FieldRow& row : fields)
        if (row.field == field)
            return row.type;
    return TemplateType::Text; // Metadata
}

tl::expected<TextTemplate, TemplateError> parseTemplate(std::string_view text)
{
    TextTemplate parsed{.source = std::string(text)};
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t open = text.find("{{", at);
        if (open == std::string_view::npos)
            break;
        const std::size_t close = text.find("}}", open);
        if (close == std::string_view::npos)
            return tl::unexpected(TemplateError{open, "{{ is not closed. Write }} behind the placeholder"});
        auto piece = pieceOf(text.substr(at, open - at), trimmed(text.substr(open + 2, close - open - 2)));
        if (!piece)
            return tl::unexpected(TemplateError{open, std::move(piece.error())});
        parsed.pieces.push_back(std::move(*piece));
        at = close + 2;
    }
    if (at < text.size())
        parsed.pieces.push_back({std::string(text.substr(at)), std::nullopt, {}});
    return parsed;
}

bool hasBody(std::string_view method) noexcept
{
    return method != "GET" && method != "DELETE";
}

CallVerdict verdictOf(const HttpCall& call, int status) noexcept
{
    if (const auto rule = ruleFor(call, status))
        return *rule;
    if (const auto rule = ruleFor(call, status / 100))
        return *rule;
    if (status >= 200 && status < 300)
        return CallVerdict::Success;
    const bool maySucceedLater = status == 408 || status == 425 || status == 429 || status >= 500;
    return maySucceedLater ? CallVerdict::Retryable : CallVerdict::Fatal;
}

} // namespace gantry
