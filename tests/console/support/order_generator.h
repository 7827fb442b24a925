// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/console/support/fake_daemon.h"

namespace gantry::test {

/// Makes orders such as a mid-sized shop has on a Monday morning: several channels, currencies and scripts, at every step, some of them
/// stuck in the ways that orders get stuck. The same seed gives the same orders.
class OrderGenerator {
public:
    explicit OrderGenerator(std::uint64_t seed)
        : m_random(seed)
    {
    }

    /// A document, its numbers adding up; numbered on in its channel.
    OrderDocument document(Timestamp now);

    /// Submits `count` orders before `now` and brings each as far as chance has it.
    void fill(FakeDaemon& daemon, std::size_t count, Timestamp now);

    /// A few things that happen at `now`: steps done, failures, new orders, actions.
    void live(FakeDaemon& daemon, std::size_t count, Timestamp now);

private:
    void advance(FakeDaemon& daemon, const OrderId& id, Timestamp now);
    bool machineStep(FakeDaemon& daemon, const OrderId& id, Timestamp at);
    void addLines(OrderDocument& document);
    std::size_t below(std::size_t end)
    {
        return static_cast<std::size_t>(m_random.unit() * static_cast<double>(end));
    }
    bool chance(double share) { return m_random.unit() < share; }
    template <typename T, std::size_t n>
    const T& pick(const std::array<T, n>& from)
    {
        return from[below(n)];
    }

    SeededRandom m_random;
    std::array<std::uint32_t, 4> m_numbers{48'211, 7'730, 1'204, 902};
};

} // namespace gantry::test
