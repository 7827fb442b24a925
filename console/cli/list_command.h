// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl list`: orders by filter, newest first, page by page.
class ListCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    struct Page;
    Result<Page> readPage(ApiSession& session, const std::string& cursor) const;
    [[nodiscard]] std::string target(const std::string& cursor) const;

    std::vector<std::string> m_states;
    std::string m_step;
    std::string m_channel;
    std::string m_query;
    std::string m_sort;
    int m_limit = 50;
    bool m_all = false;
};

} // namespace gantry::console
