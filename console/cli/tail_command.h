// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl tail`: prints events as they happen, until it is stopped. Reads the log by sequence, so that it loses none and goes on where it was after the daemon restarts.
class TailCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    struct Position {
        std::uint32_t partition = 0;
        std::uint64_t sequence = 0;
    };
    Result<std::vector<Position>> readEnds(ApiSession& session) const;
    Result<std::size_t> printNext(CommandContext& context, ApiSession& session, Position& position) const;

    std::string m_order;
    std::string m_type;
    std::optional<std::uint64_t> m_after;
};

} // namespace gantry::console
