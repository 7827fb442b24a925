// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl intake add KIND NAME --secret-file FILE`, `rotate NAME --secret-file FILE`, `remove NAME`: who may send signed webhooks.
class IntakeSourceCommand final : public Command {
public:
    enum class Purpose { Add, Rotate, Remove };
    explicit IntakeSourceCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    [[nodiscard]] Result<ApiCall> makeCall() const;
    void tell(CommandContext& context, const ApiAnswer& answer) const;

    Purpose m_purpose;
    std::string m_kind;
    std::string m_name;
    std::string m_secretFile;
    double m_keepOldHours = 24;
};

} // namespace gantry::console
