// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/data_dir.h"

#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::console {

DataDirSurroundings DataDirSurroundings::ofThisProcess()
{
    return {.environment =
                [](const char* name) {
                    const char* value = std::getenv(name);
                    return std::string(value ? value : "");
                },
        .isReadable =
            [](const std::string& path) {
                struct stat info { };
                return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)
                    && ::access(path.c_str(), R_OK | X_OK) == 0;
            }};
}

std::string defaultDataDir(const DataDirSurroundings& surroundings)
{
    if (const std::string named = surroundings.environment("GANTRY_DATA_DIR"); !named.empty())
        return named;
    const std::string system = "/var/lib/gantry";
    if (surroundings.isReadable(system))
        return system;
    if (const std::string data = surroundings.environment("XDG_DATA_HOME"); !data.empty())
        return data + "/gantry";
    return surroundings.environment("HOME") + "/.local/share/gantry";
}

std::string profileIn(const std::string& dataDir)
{
    return dataDir + "/admin.profile";
}

} // namespace gantry::console
