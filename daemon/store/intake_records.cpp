// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/intake_records.h"

#include <algorithm>

namespace gantry::store {

namespace {

constexpr std::array<std::string_view, allIntakeKinds.size()> kindNames{"shopify", "woocommerce", "standard"};
constexpr std::array<std::string_view, deliveryAskCount> askNames{
    "nothing", "create", "update", "cancel", "note"};
constexpr std::array<std::string_view, deliveryOutcomeCount> outcomeNames{
    "accepted", "known", "noted", "waiting", "unmappable", "ignored", "expired"};

template <typename Word, std::size_t count>
std::optional<Word> find(const std::array<std::string_view, count>& names, std::string_view name)
{
    const auto* const found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Word>(found - names.begin()));
}

} // namespace

std::string_view intakeKindName(IntakeKind kind) noexcept
{
    return kindNames.at(static_cast<std::size_t>(kind));
}

std::optional<IntakeKind> intakeKindFromName(std::string_view name) noexcept
{
    return find<IntakeKind>(kindNames, name);
}

std::string_view deliveryAskName(DeliveryAsk ask) noexcept
{
    return askNames.at(static_cast<std::size_t>(ask));
}

std::string_view deliveryOutcomeName(DeliveryOutcome outcome) noexcept
{
    return outcomeNames.at(static_cast<std::size_t>(outcome));
}

std::optional<DeliveryOutcome> deliveryOutcomeFromName(std::string_view name) noexcept
{
    return find<DeliveryOutcome>(outcomeNames, name);
}

bool isBodyKept(DeliveryOutcome outcome) noexcept
{
    switch (outcome) {
    case DeliveryOutcome::Accepted:
    case DeliveryOutcome::Known:
    case DeliveryOutcome::Ignored: return false;
    case DeliveryOutcome::Noted:
    case DeliveryOutcome::Waiting:
    case DeliveryOutcome::Unmappable:
    case DeliveryOutcome::Expired: return true;
    }
    return false;
}

} // namespace gantry::store
