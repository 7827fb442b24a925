// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl principal key add NAME`: an API key, printed once or written to a file; or a CURVE key that somebody else has made.
class PrincipalKeyAddCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    ExitCode tell(
        CommandContext& context, const std::string& json, std::int64_t id, const std::string& secret);

    std::string m_name;
    std::string m_file;
    std::string m_publicKey;
    std::string m_expiresAt;
    std::string m_reason;
};

} // namespace gantry::console
