// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gantry::console {

/// `gantryctl role put|delete`: makes or changes a custom role from a file, or deletes one.
class RoleChangeCommand final : public Command {
public:
    enum class Purpose { Put, Delete };
    explicit RoleChangeCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    [[nodiscard]] Result<std::string> body() const;

    Purpose m_purpose;
    std::string m_name;
    std::string m_file;
    std::string m_reason;
    std::optional<std::uint32_t> m_version; ///< that it must have
};

} // namespace gantry::console
