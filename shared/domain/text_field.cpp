// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/text_field.h"

#include "shared/util/text.h"

#include <array>
#include <utility>

namespace gantry {

namespace {

constexpr std::array<std::pair<std::string_view, TextField::Name>, 4> names{{
    {"channel", TextField::Name::Channel},
    {"currency", TextField::Name::Currency},
    {"country", TextField::Name::Country},
    {"region", TextField::Name::Region},
}};
constexpr std::string_view metadataPrefix = "metadata.";

} // namespace

std::optional<TextField> parseTextField(std::string_view text)
{
    for (const auto& [written, name] : names)
        if (written == text)
            return TextField{name};
    const std::string_view key = text.substr(0, metadataPrefix.size()) == metadataPrefix
        ? text.substr(metadataPrefix.size())
        : std::string_view();
    if (key.empty() || key.size() > DocumentLimits::keyBytes || hasControlCharacter(key))
        return std::nullopt;
    return TextField{TextField::Name::Metadata, std::string(key)};
}

std::string formatTextField(const TextField& field)
{
    for (const auto& [written, name] : names)
        if (name == field.name)
            return std::string(written);
    return std::string(metadataPrefix) + field.key;
}

std::string_view valueOf(const TextField& field, const OrderDocument& document) noexcept
{
    switch (field.name) {
    case TextField::Name::Channel: return document.channel;
    case TextField::Name::Currency: return document.currency.code();
    case TextField::Name::Country: return document.shippingAddress.country;
    case TextField::Name::Region: return document.shippingAddress.region;
    case TextField::Name::Metadata: break;
    }
    for (const auto& [name, value] : document.metadata)
        if (name == field.key)
            return value;
    return {};
}

std::optional<std::string_view> valueOf(const TextField& field, const OrderSummary& summary) noexcept
{
    switch (field.name) {
    case TextField::Name::Channel: return summary.channel;
    case TextField::Name::Currency: return summary.currency.code();
    case TextField::Name::Country:
    case TextField::Name::Region:
    case TextField::Name::Metadata: break;
    }
    return std::nullopt;
}

} // namespace gantry
