// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/principal_desk.h"

#include <algorithm>

namespace gantry::engine {

namespace {

using store::PrincipalAct;
using store::PrincipalChanges;
using store::PrincipalKey;
using store::PrincipalRecord;

constexpr std::chrono::minutes noteInterval{1};

/// Whether an admin can come in by one of these records for good: with nothing that ends by itself.
bool hasLastingAdmin(const std::vector<PrincipalRecord>& principals)
{
    return std::any_of(principals.begin(), principals.end(), [](const PrincipalRecord& principal) {
        return principal.role == Role::Admin && !principal.disabledAt && !principal.expiresAt
            && std::any_of(principal.keys.begin(), principal.keys.end(),
                [](const PrincipalKey& key) { return !key.revokedAt && !key.expiresAt; });
    });
}

Error lastAdmin()
{
    return {ErrorCode::ActionNotAllowed,
        "After this no admin would be left whose key works without an end, and nobody could let others in. "
        "Give "
        "another admin a key without an expiry first."};
}

std::string textOf(const std::optional<Timestamp>& time)
{
    return time ? formatRfc3339(*time) : std::string();
}

/// The place of a name in records by name.
auto placeOf(std::vector<PrincipalRecord>& principals, const std::string& name)
{
    return std::lower_bound(principals.begin(), principals.end(), name,
        [](const PrincipalRecord& principal, const std::string& wanted) { return principal.name < wanted; });
}

/// Does to records what changes say.
PrincipalRecord& apply(
    std::vector<PrincipalRecord>& principals, const PrincipalChanges& changes, std::uint64_t newKey)
{
    const store::PrincipalLogEntry& first = changes.log.front();
    auto place = placeOf(principals, first.principal);
    if (changes.principal) {
        const bool isKnown = place != principals.end() && place->name == first.principal;
        if (!isKnown)
            place = principals.insert(place, *changes.principal);
        else
            *place = *changes.principal;
    }
    if (changes.newKey) {
        place->keys.push_back(*changes.newKey);
        place->keys.back().id = newKey;
    }
    for (PrincipalKey& key : place->keys)
        if (changes.revokedKey && key.id == *changes.revokedKey)
            key.revokedAt = first.at;
    return *place;
}

} // namespace

Result<void> PrincipalDesk::load()
{
    auto stored = m_settings.reader.listPrincipals();
    if (!stored)
        return tl::unexpected(std::move(stored.error()));
    m_principals = std::move(*stored);
    return {};
}

Result<PrincipalOutcome> PrincipalDesk::change(const PrincipalCommand& command)
{
    auto before = replay(command);
    if (!before)
        return tl::unexpected(std::move(before.error()));
    if (*before)
        return std::move(**before);
    auto planned = std::visit([&](const auto& act) { return plan(command, act); }, command.act);
    if (!planned)
        return tl::unexpected(std::move(planned.error()));
    if (planned->log.empty()) {
        const auto known = find(command.name);
        if (!known)
            return tl::unexpected(known.error());
        const auto* revoked = std::get_if<RevokeKey>(&command.act);
        const auto* added = std::get_if<AddKey>(&command.act);
        PrincipalOutcome same{.principal = **known, .key = revoked ? revoked->key : 0};
        for (const PrincipalKey& key : same.principal.keys)
            if (added && key.material == added->material)
                same.key = key.id;
        return same;
    }
    auto after = m_principals;
    apply(after, *planned, 0);
    if (hasLastingAdmin(m_principals) && !hasLastingAdmin(after))
        return tl::unexpected(lastAdmin());
    const auto written = m_settings.store.writePrincipal(*planned);
    if (!written)
        return tl::unexpected(written.error());
    return takeOver(std::move(*planned), *written);
}

Result<std::optional<PrincipalOutcome>> PrincipalDesk::replay(const PrincipalCommand& command)
{
    if (!command.idempotency)
        return std::nullopt;
    const auto done =
        m_settings.reader.findPrincipalAct(command.idempotency->principal, command.idempotency->key);
    if (!done)
        return tl::unexpected(done.error());
    if (!*done)
        return std::nullopt;
    if ((*done)->fingerprint != command.idempotency->fingerprint)
        return failure(ErrorCode::IdempotencyKeyReused,
            "This Idempotency-Key was used with another request. Nothing was done; send a fresh key.");
    const auto known = find(command.name);
    if (!known)
        return tl::unexpected(known.error());
    return PrincipalOutcome{**known, (*done)->key.value_or(0), false, true};
}

PrincipalDesk::Planned PrincipalDesk::plan(const PrincipalCommand& command, const CreatePrincipal& act) const
{
    if (auto known = checkRole(act.customRole); !known)
        return tl::unexpected(std::move(known.error()));
    if (find(command.name))
        return failure(ErrorCode::ActionNotAllowed,
            "There is a principal " + command.name
                + " already. Change that one, or choose another name; a name is never given twice.");
    if (m_principals.size() >= PrincipalLimits::principals)
        return failure(ErrorCode::ActionNotAllowed,
            "There are as many principals as there may be: " + std::to_string(PrincipalLimits::principals)
                + ". Use one that is there already.");
    PrincipalChanges changes;
    changes.principal = PrincipalRecord{.name = command.name,
        .kind = act.kind,
        .role = act.customRole.empty() ? act.role : Role::Viewer,
        .createdAt = m_settings.clock.now(),
        .createdBy = command.actor,
        .expiresAt = act.expiresAt,
        .customRole = act.customRole};
    changes.log = {entryOf(command, PrincipalAct::created)};
    changes.log.back().after = changes.principal->nameOfRole();
    if (act.expiresAt)
        changes.log.back().after += ", until " + textOf(act.expiresAt);
    return changes;
}

PrincipalDesk::Planned PrincipalDesk::plan(const PrincipalCommand& command, const ChangePrincipal& act) const
{
    const auto known = find(command.name);
    if (!known)
        return tl::unexpected(known.error());
    if (auto role = checkRole(act.customRole); !role)
        return tl::unexpected(std::move(role.error()));
    PrincipalChanges changes;
    changes.principal = **known;
    PrincipalRecord& principal = *changes.principal;
    if (act.role || !act.customRole.empty()) {
        principal.role = act.customRole.empty() ? *act.role : Role::Viewer;
        principal.customRole = act.customRole;
    }
    if (principal.nameOfRole() != (*known)->nameOfRole()) {
        changes.log.push_back(entryOf(command, PrincipalAct::roleChanged));
        changes.log.back().before = (*known)->nameOfRole();
        changes.log.back().after = principal.nameOfRole();
    }
    if (act.isDisabled && *act.isDisabled != principal.disabledAt.has_value()) {
        changes.log.push_back(
            entryOf(command, *act.isDisabled ? PrincipalAct::disabled : PrincipalAct::enabled));
        principal.disabledAt =
            *act.isDisabled ? std::optional<Timestamp>(m_settings.clock.now()) : std::nullopt;
    }
    return changes;
}

PrincipalDesk::Planned PrincipalDesk::plan(const PrincipalCommand& command, const AddKey& act) const
{
    const auto known = find(command.name);
    if (!known)
        return tl::unexpected(known.error());
    const Timestamp now = m_settings.clock.now();
    if (const PrincipalRecord* holder = owner(act.material)) {
        const bool isSame = holder == *known
            && std::any_of(holder->keys.begin(), holder->keys.end(), [&](const PrincipalKey& key) {
                   return key.material == act.material && key.isLiving(now) && key.expiresAt == act.expiresAt;
               });
        if (isSame)
            return PrincipalChanges{};
        return failure(ErrorCode::ActionNotAllowed,
            "This key was given to " + holder->name
                + " before, and no key is given twice. Make a new pair and send its public key.");
    }
    const auto living = std::count_if((*known)->keys.begin(), (*known)->keys.end(),
        [&](const PrincipalKey& key) { return key.kind == act.kind && key.isLiving(now); });
    if (static_cast<std::size_t>(living) >= PrincipalLimits::livingKeys)
        return failure(ErrorCode::ActionNotAllowed,
            command.name + " has " + std::to_string(living) + " living keys of the kind "
                + std::string(store::keyKindName(act.kind))
                + ", and no more may be. Revoke one of them first.");
    PrincipalChanges changes;
    changes.newKey = PrincipalKey{
        .kind = act.kind, .material = act.material, .createdAt = now, .expiresAt = act.expiresAt};
    changes.log = {entryOf(command, PrincipalAct::keyAdded)};
    changes.log.back().after = store::keyKindName(act.kind);
    if (act.expiresAt)
        changes.log.back().after += ", until " + textOf(act.expiresAt);
    return changes;
}

PrincipalDesk::Planned PrincipalDesk::plan(const PrincipalCommand& command, const RevokeKey& act) const
{
    const auto known = find(command.name);
    if (!known)
        return tl::unexpected(known.error());
    const auto& keys = (*known)->keys;
    const auto key =
        std::find_if(keys.begin(), keys.end(), [&](const PrincipalKey& each) { return each.id == act.key; });
    if (key == keys.end())
        return failure(ErrorCode::NotFound,
            command.name + " has no key " + std::to_string(act.key) + ". List its keys and choose again.");
    PrincipalChanges changes;
    if (key->revokedAt)
        return changes;
    changes.revokedKey = act.key;
    changes.log = {entryOf(command, PrincipalAct::keyRevoked)};
    changes.log.back().key = act.key;
    changes.log.back().before = store::keyKindName(key->kind);
    return changes;
}

bool PrincipalDesk::isHeld(const std::string& customRole) const
{
    return std::any_of(m_principals.begin(), m_principals.end(),
        [&](const PrincipalRecord& principal) { return principal.customRole == customRole; });
}

Result<void> PrincipalDesk::checkRole(const std::string& customRole) const
{
    if (customRole.empty() || (m_settings.hasRole && m_settings.hasRole(customRole)))
        return {};
    const std::string message = "There is no role " + customRole + ". List the roles and choose again.";
    return tl::unexpected(Error{
        ErrorCode::InvalidValue, message, {{"/role", ErrorCode::InvalidValue, "is not the name of a role"}}});
}

Result<const PrincipalRecord*> PrincipalDesk::find(const std::string& name) const
{
    for (const PrincipalRecord& principal : m_principals)
        if (principal.name == name)
            return &principal;
    return failure(
        ErrorCode::NotFound, "There is no principal " + name + ". List the principals and choose again.");
}

const PrincipalRecord* PrincipalDesk::owner(std::string_view material) const
{
    for (const PrincipalRecord& principal : m_principals)
        for (const PrincipalKey& key : principal.keys)
            if (key.material == material)
                return &principal;
    return nullptr;
}

store::PrincipalLogEntry PrincipalDesk::entryOf(const PrincipalCommand& command, std::string act) const
{
    store::PrincipalLogEntry entry{.at = m_settings.clock.now(),
        .actor = command.actor,
        .act = std::move(act),
        .principal = command.name,
        .reason = command.reason};
    if (command.idempotency) {
        entry.idempotencyKey = command.idempotency->key;
        entry.fingerprint = command.idempotency->fingerprint;
    }
    return entry;
}

PrincipalOutcome PrincipalDesk::takeOver(PrincipalChanges changes, std::uint64_t newKey)
{
    auto principals = m_principals;
    const PrincipalRecord changed = apply(principals, changes, newKey);
    if (!m_settings.store.isRehearsing()) {
        m_principals = std::move(principals);
        if (m_settings.listener)
            m_settings.listener(m_principals);
    }
    const bool isCreated = changes.log.front().act == PrincipalAct::created;
    return {changed, newKey != 0 ? newKey : changes.revokedKey.value_or(0), newKey != 0 || isCreated, false};
}

Result<void> PrincipalDesk::noteUses()
{
    const auto now = m_settings.clock.monotonic();
    if (!m_settings.takeUses || (m_noted && now - *m_noted < noteInterval))
        return {};
    m_noted = now;
    const auto uses = m_settings.takeUses();
    return uses.empty() ? Result<void>() : m_settings.store.noteKeyUses(uses);
}

} // namespace gantry::engine
