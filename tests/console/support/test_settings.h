// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>
#include <cstdint>

namespace gantry::test {

/// The number in an environment variable, or `fallback`. Says which it took, so that a failed run can be repeated.
inline std::uint64_t numberFromEnvironment(const char* name, int fallback)
{
    bool isSet = false;
    const int number = qEnvironmentVariableIntValue(name, &isSet);
    qInfo("%s=%d", name, isSet ? number : fallback);
    return static_cast<std::uint64_t>(isSet ? number : fallback);
}

/// The seed of a test that goes by chance.
inline std::uint64_t testSeed()
{
    return numberFromEnvironment("GANTRY_SEED", 20260302);
}

} // namespace gantry::test
