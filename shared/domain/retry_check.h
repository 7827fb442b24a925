// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// What is known of a retry that a person asked for. A cleared incident proves nothing: only what the step really did decides.
enum class RetryVerdict : std::uint8_t {
    Pending, ///< the step has not come to an end again
    Fixed, ///< the step was done
    FailedAgain, ///< the step needs a person again, for the same cause
    FailedAnew, ///< the step needs a person again, for another cause
    NotPickedUp, ///< nobody took the attempt in time; it stays due, and what comes of it later decides again
    Superseded ///< a person overrode the step or canceled the order before it was known
};

std::string_view verdictName(RetryVerdict verdict) noexcept;
std::optional<RetryVerdict> verdictFromName(std::string_view name) noexcept;

/// The last retry of an order that a person asked for, and what came of it.
struct RetryCheck {
    std::string step{};
    std::string code{}; ///< of the failure that it was to mend; empty if that was not kept
    std::uint32_t version = 0; ///< of the event that asked for it
    Timestamp at{};
    std::string by{};
    RetryVerdict verdict = RetryVerdict::Pending;
    std::optional<Timestamp> decidedAt{}; ///< unset while pending
    bool operator==(const RetryCheck&) const = default;

    /// Whether an end of the step would still decide it.
    [[nodiscard]] bool isOpen() const noexcept
    {
        return verdict == RetryVerdict::Pending || verdict == RetryVerdict::NotPickedUp;
    }
};

/// Few orders have one, so an order holds a pointer; the value behind it never changes.
using RetryCheckPointer = std::shared_ptr<const RetryCheck>;

/// Whether both are none, or equal.
bool areEqual(const RetryCheckPointer& a, const RetryCheckPointer& b);

/// The check after a verdict on the step: unchanged where there is none, or it is of another step or decided for good.
RetryCheckPointer judged(RetryCheckPointer check, std::string_view step, RetryVerdict verdict, Timestamp at);

/// The check after an attempt at the step failed for that cause. `isFinal`: no further attempt follows by itself.
RetryCheckPointer judgedByFailure(
    RetryCheckPointer check, std::string_view step, std::string_view code, bool isFinal, Timestamp at);

} // namespace gantry
