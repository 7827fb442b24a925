// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <QJsonObject>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace gantry::standin {

/// What becomes of one request.
enum class Outcome {
    Works,
    Declined, ///< 402, nothing charged
    Overloaded, ///< 503 with Retry-After, nothing charged
    Broken, ///< 500, nothing charged
    BrokenAfterwards, ///< 500, yet the money has moved
    Silent, ///< no answer, nothing charged
    SilentAfterwards, ///< no answer, yet the money has moved
    Garbage, ///< 200 with a body that is not JSON, nothing charged
    GarbageAfterwards, ///< the same, yet the money has moved
};

/// How the service misbehaves: rates between 0 and 1 that add up to 1 at most, and how long it takes. Immutable value.
struct Behavior {
    std::chrono::milliseconds latency{0};
    std::chrono::milliseconds jitter{0}; ///< added to the latency, from nothing to all of it
    double declined = 0.0;
    double error = 0.0;
    double timeout = 0.0;
    double garbage = 0.0;
    std::uint64_t seed = 1;

    bool operator==(const Behavior&) const = default;
};

/// What is decided about one request before it is looked at.
struct Fate {
    Outcome outcome = Outcome::Works;
    std::chrono::milliseconds delay{0};
};

/// The fate of a reference's nth request (from 1). Depends on nothing but its arguments, so a run can be repeated.
/// The methods test_declined, test_error, test_timeout, test_garbage and test_flaky overrule the rates.
Fate decideFate(
    const Behavior& behavior, std::string_view reference, std::uint32_t request, std::string_view method);

/// Takes over the members that the object has. InvalidValue or UnknownField when it can't be.
Result<Behavior> changedBehavior(Behavior behavior, const QJsonObject& change);

/// As GET /behavior shows it.
QJsonObject toJson(const Behavior& behavior);

} // namespace gantry::standin
