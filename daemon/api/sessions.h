// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/people_store.h"
#include "shared/util/clock.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::api {

/// Who comes in by a session.
struct SessionHolder {
    std::uint64_t session = 0;
    std::string person;
    bool mustChange = false; ///< nothing but changing the password may be done
};

/// The sessions of people who have logged in. What it knows is an immutable set that is replaced as a whole: any thread may ask, and whoever asks after
/// replace() has returned gets the new answer.
class Sessions {
public:
    /// `pepper`: 32 secret bytes that tokens are hashed with. `clock` outlives it.
    Sessions(const std::vector<store::PersonSession>& sessions, std::string pepper, const Clock& clock);

    /// Knows these from now on, and no others. One thread at a time.
    void replace(const std::vector<store::PersonSession>& sessions);

    /// By the token of an `Authorization: Bearer` header; notes the use. Empty if no living session fits.
    [[nodiscard]] std::optional<SessionHolder> find(std::string_view token) const;

    /// Those that live now, by id, with their last use.
    [[nodiscard]] std::vector<store::PersonSession> living() const;

    /// What a token is kept as.
    [[nodiscard]] std::string hash(std::string_view token) const;

    /// Whether that may be a token of a session at all: API keys begin otherwise.
    [[nodiscard]] static bool isToken(std::string_view text) { return text.starts_with("gs_"); }

    /// What was used since this was last called. One thread at a time.
    [[nodiscard]] std::vector<store::KeyUse> takeUses();

private:
    using LastUse = std::atomic<std::int64_t>; ///< in milliseconds since 1970
    struct Entry {
        store::PersonSession session;
        std::shared_ptr<LastUse> lastUse; ///< shared by all sets that know the session
    };
    using Known = std::unordered_map<std::string, Entry>; ///< by hash of the token

    static bool isLiving(const Entry& entry, Timestamp now);

    std::atomic<std::shared_ptr<const Known>> m_known;
    std::unordered_map<std::uint64_t, std::int64_t> m_told; ///< what takeUses() has given, by session
    std::string m_pepper;
    const Clock& m_clock;
};

} // namespace gantry::api
