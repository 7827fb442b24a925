// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/ui/options.h"

namespace gantry::console {

/// Connects with the profile and shows the window, or draws it into a file; or, as long as the profile can't be used, a window that says
/// why. Returns the exit code of the program, by sysexits.h. There must be a QApplication; runs its event loop.
int runConsole(const Options& options);

} // namespace gantry::console
