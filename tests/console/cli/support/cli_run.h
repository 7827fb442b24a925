// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/gantryctl.h"
#include "tests/console/cli/support/fake_api.h"

#include <QByteArray>
#include <sstream>
#include <string>
#include <vector>

namespace gantry::console {

/// gantryctl with a fake daemon, in this process.
class CliRun {
public:
    FakePace pace;
    FakeApi daemon{pace};
    std::string input; ///< standard input
    OutputStyle style;
    std::string profilePath; ///< the one that was asked for
    std::optional<Error> profileFault; ///< why it can't be used
    std::map<std::string, std::string> environment{{"HOME", "/home/somebody"}};

    // Of the last run:
    int code = -1;
    std::string out;
    std::string err;

    /// Runs it; gives the exit code.
    int run(const std::vector<std::string>& arguments)
    {
        struct FixedClock final : Clock {
            [[nodiscard]] Timestamp now() const override { return *parseRfc3339("2026-03-01T12:00:00Z"); }
        };
        const FixedClock clock;
        std::istringstream in(input);
        std::ostringstream outStream;
        std::ostringstream errStream;
        code = static_cast<int>(runGantryctl(arguments,
            {.input = in,
                .out = outStream,
                .err = errStream,
                .style = style,
                .pace = pace,
                .clock = clock,
                .dataDir = {.environment = [this](const char* name) { return environment[name]; },
                    .isReadable = [](const std::string&) { return false; }},
                .connectTo = [this](const std::string& path) -> Result<ClientFactory> {
                    profilePath = path;
                    if (profileFault)
                        return tl::unexpected(*profileFault);
                    return daemon.clients();
                }}));
        out = outStream.str();
        err = errStream.str();
        return code;
    }

    /// What stands on both outputs, for messages of failed checks.
    [[nodiscard]] QByteArray all() const
    {
        return QByteArray::fromStdString("exit " + std::to_string(code) + "\n" + out + "\n" + err);
    }
};

} // namespace gantry::console
