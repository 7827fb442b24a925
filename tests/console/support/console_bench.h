// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/ui/main_window.h"
#include "tests/console/support/console_session.h"

namespace gantry::test {

/// A whole console with its window, over a daemon in the same process.
struct ConsoleBench : ConsoleSession {
    explicit ConsoleBench(
        const std::string& role = "admin", std::uint64_t seed = 1, console::LayoutStore* layout = nullptr)
        : ConsoleSession(role, seed)
        , window(session, layout)
    {
    }

    console::MainWindow window;
};

} // namespace gantry::test
