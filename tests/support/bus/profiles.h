// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/profile.h"
#include "tests/support/bus/bus_fixture.h"

namespace gantry::test {

/// The profile that lets the fixture's administrator in.
inline console::Profile profileFor(BusFixture& fixture)
{
    return {.name = "test",
        .commands = fixture.bus().commandsAddress(),
        .events = fixture.bus().eventsAddress(),
        .serverKey = fixture.serverKeys().publicKey,
        .publicKey = fixture.adminKeys().publicKey,
        .secretKey = fixture.adminKeys().secretKey,
        .principal = "admin",
        .role = "admin"};
}

} // namespace gantry::test
