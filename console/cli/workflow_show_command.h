// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl workflow show NAME [VERSION]`: one definition, step by step, or as it was written.
class WorkflowShowCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Result<int> newestVersion(ApiSession& session) const;

    std::string m_name;
    int m_version = 0; ///< 0: the newest
    bool m_source = false;
};

} // namespace gantry::console
