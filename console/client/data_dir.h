// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

namespace gantry::console {

/// What the rule for the default data directory looks at; injected for tests.
struct DataDirSurroundings {
    std::function<std::string(const char*)> environment; ///< a variable's value, empty if unset
    std::function<bool(const std::string&)> isReadable; ///< whether a directory is there and may be read
    static DataDirSurroundings ofThisProcess();
};

/// The data directory when none is named: $GANTRY_DATA_DIR, else /var/lib/gantry if it can be read, else ~/.local/share/gantry
/// ($XDG_DATA_HOME/gantry where that is set).
std::string defaultDataDir(const DataDirSurroundings& surroundings);

/// The console profile that gantryd writes into its data directory.
std::string profileIn(const std::string& dataDir);

} // namespace gantry::console
