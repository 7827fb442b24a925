// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"
#include "console/cli/exit_code.h"
#include "console/cli/output.h"
#include "console/cli/pace.h"
#include "console/client/data_dir.h"
#include "shared/util/clock.h"

#include <functional>
#include <istream>
#include <string>
#include <vector>

namespace gantry::console {

/// All that gantryctl touches outside of itself, so that tests can stand in for it.
struct Surroundings {
    std::istream& input;
    std::ostream& out;
    std::ostream& err;
    OutputStyle style; ///< of a run without --json
    Pace& pace;
    const Clock& clock;
    DataDirSurroundings dataDir;
    std::function<Result<ClientFactory>(const std::string& profilePath)> connectTo;
};

/// Runs gantryctl with these arguments (without the program's name).
ExitCode runGantryctl(const std::vector<std::string>& arguments, const Surroundings& surroundings);

} // namespace gantry::console
