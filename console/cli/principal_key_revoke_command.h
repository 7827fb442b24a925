// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl principal key revoke NAME ID`.
class PrincipalKeyRevokeCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_name;
    std::uint64_t m_key = 0;
    std::string m_reason;
};

} // namespace gantry::console
