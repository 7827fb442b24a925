// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/retry_check.h"

#include <array>

namespace gantry {

namespace {

constexpr std::array<std::string_view, 6> names{
    "pending", "fixed", "failed_again", "failed_anew", "not_picked_up", "superseded"};

} // namespace

std::string_view verdictName(RetryVerdict verdict) noexcept
{
    return names[static_cast<std::size_t>(verdict)];
}

std::optional<RetryVerdict> verdictFromName(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name)
            return static_cast<RetryVerdict>(i);
    return std::nullopt;
}

bool areEqual(const RetryCheckPointer& a, const RetryCheckPointer& b)
{
    return a == b || (a && b && *a == *b);
}

RetryCheckPointer judged(RetryCheckPointer check, std::string_view step, RetryVerdict verdict, Timestamp at)
{
    if (!check || !check->isOpen() || check->step != step || check->verdict == verdict)
        return check;
    RetryCheck after = *check;
    after.verdict = verdict;
    after.decidedAt = verdict == RetryVerdict::Pending ? std::nullopt : std::optional(at);
    return std::make_shared<const RetryCheck>(std::move(after));
}

RetryCheckPointer judgedByFailure(
    RetryCheckPointer check, std::string_view step, std::string_view code, bool isFinal, Timestamp at)
{
    if (!check)
        return check;
    // Somebody was at it after all; the attempts that follow by themselves belong to the same retry.
    if (!isFinal)
        return judged(std::move(check), step, RetryVerdict::Pending, at);
    const bool isSame = check->code.empty() || check->code == code;
    return judged(std::move(check), step, isSame ? RetryVerdict::FailedAgain : RetryVerdict::FailedAnew, at);
}

} // namespace gantry
