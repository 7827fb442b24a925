// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <random>

namespace gantry {

/// Where chance comes from (ids, jitter), injected so that a seed replays a run. Used by one thread.
class RandomSource {
public:
    virtual ~RandomSource() = default;

    /// 64 evenly spread bits.
    [[nodiscard]] virtual std::uint64_t next() = 0;

    /// A number in [0, 1).
    [[nodiscard]] double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

/// A generator seeded once from the kernel. Fit for ids and jitter, not for secrets.
class SystemRandom final : public RandomSource {
public:
    [[nodiscard]] std::uint64_t next() override { return m_engine(); }

private:
    static std::uint64_t seed()
    {
        std::random_device device;
        return (static_cast<std::uint64_t>(device()) << 32) | device();
    }
    std::mt19937_64 m_engine{seed()};
};

/// A generator that a seed replays.
class SeededRandom final : public RandomSource {
public:
    explicit SeededRandom(std::uint64_t seed)
        : m_engine(seed)
    {
    }
    [[nodiscard]] std::uint64_t next() override { return m_engine(); }

private:
    std::mt19937_64 m_engine;
};

} // namespace gantry
