// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/principal_messages.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"

#include <chrono>
#include <vector>

namespace gantry::engine {

/// What the desk works with; everything outlives it.
struct PrincipalDeskSettings {
    store::PartitionStore& store;
    store::StoreReader& reader;
    const Clock& clock;
    PrincipalListener listener{}; ///< may be empty
    KeyUseSource takeUses{}; ///< may be empty
    std::function<bool(const std::string&)>
        hasRole{}; ///< whether there is a custom role of that name; empty: there are none
};

/// Decides what may be done to principals, writes it, and tells of it. One thread: the partition's.
class PrincipalDesk {
public:
    explicit PrincipalDesk(PrincipalDeskSettings settings)
        : m_settings(std::move(settings))
    {
    }

    /// Loads what is stored. Errors: the store's.
    Result<void> load();

    /// Errors: as PrincipalCommand tells.
    Result<PrincipalOutcome> change(const PrincipalCommand& command);

    /// Whether some principal has the custom role of that name.
    [[nodiscard]] bool isHeld(const std::string& customRole) const;

    /// Housekeeping: writes when keys were used, once a minute at most. Errors: the store's.
    Result<void> noteUses();

private:
    using Planned = Result<store::PrincipalChanges>; ///< with an empty log: nothing is to be changed

    Result<std::optional<PrincipalOutcome>> replay(const PrincipalCommand& command);
    [[nodiscard]] Planned plan(const PrincipalCommand& command, const CreatePrincipal& act) const;
    [[nodiscard]] Planned plan(const PrincipalCommand& command, const ChangePrincipal& act) const;
    [[nodiscard]] Planned plan(const PrincipalCommand& command, const AddKey& act) const;
    [[nodiscard]] Planned plan(const PrincipalCommand& command, const RevokeKey& act) const;
    [[nodiscard]] Result<void> checkRole(const std::string& customRole) const;
    [[nodiscard]] Result<const store::PrincipalRecord*> find(const std::string& name) const;
    [[nodiscard]] const store::PrincipalRecord* owner(std::string_view material) const;
    [[nodiscard]] store::PrincipalLogEntry entryOf(const PrincipalCommand& command, std::string act) const;
    PrincipalOutcome takeOver(store::PrincipalChanges changes, std::uint64_t newKey);

    PrincipalDeskSettings m_settings;
    std::vector<store::PrincipalRecord> m_principals; ///< by name
    std::optional<std::chrono::milliseconds> m_noted; ///< when noteUses() last wrote, on the monotonic clock
};

} // namespace gantry::engine
