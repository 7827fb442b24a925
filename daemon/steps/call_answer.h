// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_runner.h"
#include "daemon/steps/http_exchange.h"
#include "shared/util/time.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace gantry::steps {

/// What came of a call for the attempt, and what it says about the service.
struct CallJudgment {
    engine::TaskResult result;
    bool isWell = true; ///< the service answers as it should, if only with a refusal
};

/// Judges a call by the rules of its definition. Pure.
CallJudgment judgeCall(const HttpCall& call, const CallOutcome& outcome, Timestamp now);

/// How long a service asks to be left alone: the header `Retry-After` of RFC 9110, in seconds or as a date in each of the three forms. Empty if it is
/// neither; zero if the date is past.
std::optional<std::chrono::milliseconds> parseRetryAfter(std::string_view header, Timestamp now);

/// The failure code of a call without an answer: `timeout`, `connect_failed`, …
std::string_view troubleCode(CallTrouble trouble) noexcept;

} // namespace gantry::steps
