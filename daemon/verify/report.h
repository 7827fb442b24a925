// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_id.h"
#include "shared/util/result.h"
#include "shared/util/time.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::verify {

/// One thing in the store that does not hold.
struct Finding {
    std::string check{}; ///< the name of the check that found it
    std::optional<OrderId> order{};
    std::optional<std::uint32_t> version{}; ///< of the event that broke it, as near as can be told
    std::optional<std::uint64_t> sequence{}; ///< likewise, in its partition's log
    std::string sku{}; ///< empty unless it is about stock
    std::string expected{};
    std::string found{};
    std::string message{}; ///< one sentence for a person
    bool operator==(const Finding&) const = default;
};

enum class VerificationState : std::uint8_t { Running, Done, Failed };

std::string_view verificationStateName(VerificationState state) noexcept;

/// How far a verification is, and what it has found.
struct VerificationStatus {
    std::string id{};
    std::string startedBy{};
    Timestamp startedAt{};
    std::optional<Timestamp> endedAt{};
    VerificationState state = VerificationState::Running;
    std::string check{}; ///< the one that runs; empty once it has ended
    std::uint64_t orders = 0; ///< looked at so far
    std::uint64_t events = 0;
    std::uint64_t ordersInAll = 0; ///< that there were at the start
    std::vector<Finding> findings{}; ///< the first ones, as many as are kept
    std::uint64_t findingsInAll = 0;
    std::optional<Error> error{}; ///< why it failed
};

/// What one verification tells while it runs. Any thread may ask; its own thread writes.
class Report {
public:
    /// `kept`: findings held in memory; the rest is counted.
    Report(std::string id, std::string startedBy, Timestamp startedAt, std::size_t kept);

    void begin(std::uint64_t ordersInAll);
    void enter(std::string_view check);
    void add(Finding finding);
    void sawOrder(std::size_t events);
    void end(Timestamp at, std::optional<Error> error = {});

    [[nodiscard]] VerificationStatus status() const;
    [[nodiscard]] bool isRunning() const;

private:
    mutable std::mutex m_mutex;
    std::size_t m_kept;
    VerificationStatus m_status; ///< guarded by the mutex
};

} // namespace gantry::verify
