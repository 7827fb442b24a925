// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl bulk show ID`: how it stands, what was done to it, and its orders with their results.
class BulkShowCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    [[nodiscard]] Result<std::vector<std::string>> readMembers(ApiSession& session) const;

    std::string m_id;
    std::string m_result;
    bool m_all = false;
};

} // namespace gantry::console
