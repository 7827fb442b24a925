// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/gantryctl.h"
#include "console/cli/profile_clients.h"

#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

gantry::console::OutputStyle styleOfThisTerminal()
{
    gantry::console::OutputStyle style{.isTerminal = ::isatty(STDERR_FILENO) == 1};
    struct winsize size { };
    if (style.isTerminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        style.columns = size.ws_col;
    return style;
}

} // namespace

int main(int argc, char** argv)
{
    using namespace gantry::console;
    std::ios::sync_with_stdio(false);
    SystemPace pace;
    const gantry::SystemClock clock;
    const Surroundings surroundings{.input = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .style = styleOfThisTerminal(),
        .pace = pace,
        .clock = clock,
        .dataDir = DataDirSurroundings::ofThisProcess(),
        .connectTo = clientsOf};
    return static_cast<int>(runGantryctl({argv + 1, argv + argc}, surroundings));
}
