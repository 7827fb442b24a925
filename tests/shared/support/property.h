// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/hash.h"
#include "shared/util/random_source.h"

#include <QByteArray>
#include <QtGlobal>
#include <cstdint>
#include <rapidcheck.h>
#include <string>
#include <utility>

namespace gantry::test {

/// How many cases a property is tried on: GANTRY_CASES, or as many as it is worth `unlessSaid`.
inline int propertyCases(int unlessSaid = 1000)
{
    const int wanted = qEnvironmentVariableIntValue("GANTRY_CASES");
    return wanted > 0 ? wanted : unlessSaid;
}

/// What all chance in the properties of this program comes from: GANTRY_SEED, or a new one.
inline std::uint64_t propertySeed()
{
    static const std::uint64_t seed = [] {
        bool given = false;
        const std::uint64_t wanted = qgetenv("GANTRY_SEED").toULongLong(&given);
        return given ? wanted : SystemRandom().next();
    }();
    return seed;
}

/// Whether a property holds for generated cases, `cases` unless GANTRY_CASES is set; the first one of a program says it for all. Says the seed, so that a
/// failure can be replayed.
template <typename Property>
[[nodiscard]] bool holds(const std::string& statement, Property&& property, int cases = 1000)
{
    static const bool configured = [cases] {
        qInfo("GANTRY_SEED=%llu GANTRY_CASES=%d replay these cases",
            static_cast<unsigned long long>(propertySeed()), propertyCases(cases));
        return qputenv("RC_PARAMS",
            "seed=" + QByteArray::number(quint64{propertySeed()})
                + " max_success=" + QByteArray::number(propertyCases(cases)));
    }();
    return configured && rc::check(statement, std::forward<Property>(property));
}

/// Chance that follows from one number, so that a case shrinks by dropping numbers.
class Dice final : public RandomSource {
public:
    explicit Dice(std::uint64_t seed)
        : m_state(seed)
    {
    }
    [[nodiscard]] std::uint64_t next() override { return mix64(m_state += 0x9e3779b97f4a7c15ULL); }

    /// A number from 0 to `sides` - 1.
    [[nodiscard]] std::uint64_t roll(std::uint64_t sides) { return next() % sides; }

    /// True in `percent` of a hundred cases.
    [[nodiscard]] bool chance(unsigned percent) { return roll(100) < percent; }

    /// One of a container's elements.
    template <typename Container>
    [[nodiscard]] const auto& pick(const Container& choices)
    {
        return *(std::begin(choices) + static_cast<std::ptrdiff_t>(roll(std::size(choices))));
    }

private:
    std::uint64_t m_state;
};

} // namespace gantry::test
