// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/session.h"
#include "tests/console/support/fake_link.h"
#include "tests/console/support/manual_clock.h"
#include "tests/console/support/order_generator.h"

namespace gantry::test {

/// A console without its window, over a daemon in the same process.
struct ConsoleSession {
    explicit ConsoleSession(const std::string& role = "admin", std::uint64_t seed = 1)
        : daemon(clock, seed)
        , generator(seed)
        , link(daemon)
        , session(link, clock,
              {.name = "local",
                  .commands = "tcp://127.0.0.1:7411",
                  .events = "tcp://127.0.0.1:7412",
                  .serverKey = {},
                  .publicKey = {},
                  .secretKey = {},
                  .principal = "ann",
                  .role = role},
              [this] { return "key-" + std::to_string(++keys); })
    {
        link.setPrincipal("ann", roleFromName(role).value_or(Role::Viewer));
    }

    /// Fills the daemon and goes live.
    void goLive(std::size_t orders)
    {
        generator.fill(daemon, orders, clock.now());
        link.goLive(clock.now());
    }

    /// The first open order in that state; there must be one.
    [[nodiscard]] OrderId firstIn(OrderState state) const
    {
        for (const OrderId& id : daemon.openIds())
            if (stateOf(daemon.order(id)) == state)
                return id;
        qFatal("no such order");
    }

    ManualClock clock{testNow};
    FakeDaemon daemon;
    OrderGenerator generator;
    FakeLink link;
    int keys = 0;
    console::Session session;
};

} // namespace gantry::test
