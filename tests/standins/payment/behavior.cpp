// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/standins/payment/behavior.h"

#include <array>
#include <cmath>

namespace gantry::standin {
namespace {

constexpr int s_maxDelayMs = 120'000;
constexpr std::uint32_t s_flakyFailures = 2;

/// Uniform in [0, 1) from seed, reference, request and what it is for (FNV-1a, then the mixer of splitmix64).
double draw(std::uint64_t seed, std::string_view reference, std::uint32_t request, std::uint64_t purpose)
{
    std::uint64_t hash = 0xcbf29ce484222325U ^ seed;
    for (const char c : reference)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash += (std::uint64_t{request} << 8U | purpose) * 0x9e3779b97f4a7c15U;
    hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebU;
    hash ^= hash >> 31U;
    return static_cast<double>(hash >> 11U) * 0x1.0p-53;
}

Outcome ratedOutcome(const Behavior& behavior, double rate, bool second)
{
    if ((rate -= behavior.declined) < 0)
        return Outcome::Declined;
    if ((rate -= behavior.error) < 0)
        return second ? Outcome::Overloaded : Outcome::Broken;
    if ((rate -= behavior.timeout) < 0)
        return second ? Outcome::Silent : Outcome::SilentAfterwards;
    if ((rate -= behavior.garbage) < 0)
        return second ? Outcome::Garbage : Outcome::GarbageAfterwards;
    return Outcome::Works;
}

Result<double> rateOf(const QString& name, const QJsonValue& value)
{
    const double rate = value.toDouble(-1);
    if (!(rate >= 0 && rate <= 1))
        return failure(ErrorCode::InvalidValue,
            name.toStdString() + " must be a rate from 0 to 1: send a number in that range.");
    return rate;
}

Result<std::chrono::milliseconds> delayOf(const QString& name, const QJsonValue& value)
{
    const int delayMs = value.toInt(-1);
    if (delayMs < 0 || delayMs > s_maxDelayMs)
        return failure(
            ErrorCode::InvalidValue, name.toStdString() + " must be whole milliseconds from 0 to 120000.");
    return std::chrono::milliseconds(delayMs);
}

} // namespace

Fate decideFate(
    const Behavior& behavior, std::string_view reference, std::uint32_t request, std::string_view method)
{
    const auto jitterMs = std::floor(
        draw(behavior.seed, reference, request, 1) * static_cast<double>(behavior.jitter.count() + 1));
    const auto delay = behavior.latency + std::chrono::milliseconds(static_cast<std::int64_t>(jitterMs));
    const bool second = draw(behavior.seed, reference, request, 2) < 0.5;

    if (method == "test_declined")
        return {Outcome::Declined, delay};
    if (method == "test_error")
        return {second ? Outcome::Overloaded : Outcome::Broken, delay};
    if (method == "test_timeout")
        return {second ? Outcome::Silent : Outcome::SilentAfterwards, delay};
    if (method == "test_garbage")
        return {second ? Outcome::Garbage : Outcome::GarbageAfterwards, delay};
    if (method == "test_flaky")
        return {request <= s_flakyFailures ? Outcome::Overloaded : Outcome::Works, delay};

    auto outcome = ratedOutcome(behavior, draw(behavior.seed, reference, request, 3), second);
    if (outcome == Outcome::Broken && draw(behavior.seed, reference, request, 4) < 0.5)
        outcome = Outcome::BrokenAfterwards;
    return {outcome, delay};
}

Result<Behavior> changedBehavior(Behavior behavior, const QJsonObject& change)
{
    const std::array<std::pair<QLatin1String, double*>, 4> rates{{
        {QLatin1String("declined"), &behavior.declined},
        {QLatin1String("error"), &behavior.error},
        {QLatin1String("timeout"), &behavior.timeout},
        {QLatin1String("garbage"), &behavior.garbage},
    }};
    for (auto it = change.begin(); it != change.end(); ++it) {
        const auto name = it.key();
        if (name == QLatin1String("latency_ms") || name == QLatin1String("jitter_ms")) {
            const auto delay = delayOf(name, it.value());
            if (!delay)
                return tl::unexpected(delay.error());
            (name == QLatin1String("latency_ms") ? behavior.latency : behavior.jitter) = *delay;
            continue;
        }
        if (name == QLatin1String("seed")) {
            const auto seed = it.value().toInteger(-1);
            if (seed < 0)
                return failure(ErrorCode::InvalidValue, "seed must be a whole number from 0 on.");
            behavior.seed = static_cast<std::uint64_t>(seed);
            continue;
        }
        double* target = nullptr;
        for (const auto& [known, member] : rates)
            if (name == known)
                target = member;
        if (!target)
            return failure(ErrorCode::UnknownField,
                name.toStdString() + " is no part of the behavior: see GET /behavior.");
        const auto rate = rateOf(name, it.value());
        if (!rate)
            return tl::unexpected(rate.error());
        *target = *rate;
    }
    if (behavior.declined + behavior.error + behavior.timeout + behavior.garbage > 1.0)
        return failure(ErrorCode::InvalidValue, "The rates add up to more than 1: lower one of them.");
    return behavior;
}

QJsonObject toJson(const Behavior& behavior)
{
    return {
        {QStringLiteral("latency_ms"), static_cast<qint64>(behavior.latency.count())},
        {QStringLiteral("jitter_ms"), static_cast<qint64>(behavior.jitter.count())},
        {QStringLiteral("declined"), behavior.declined},
        {QStringLiteral("error"), behavior.error},
        {QStringLiteral("timeout"), behavior.timeout},
        {QStringLiteral("garbage"), behavior.garbage},
        {QStringLiteral("seed"), static_cast<qint64>(behavior.seed)},
    };
}

} // namespace gantry::standin
