// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/principal_records.h"

namespace gantry::store {

std::string_view principalKindName(PrincipalKind kind) noexcept
{
    return kind == PrincipalKind::Person ? "person" : "service";
}

std::optional<PrincipalKind> principalKindFromName(std::string_view name) noexcept
{
    for (const PrincipalKind kind : {PrincipalKind::Person, PrincipalKind::Service})
        if (principalKindName(kind) == name)
            return kind;
    return std::nullopt;
}

std::string_view keyKindName(KeyKind kind) noexcept
{
    return kind == KeyKind::Api ? "api" : "curve";
}

std::optional<KeyKind> keyKindFromName(std::string_view name) noexcept
{
    for (const KeyKind kind : {KeyKind::Api, KeyKind::Curve})
        if (keyKindName(kind) == name)
            return kind;
    return std::nullopt;
}

} // namespace gantry::store
