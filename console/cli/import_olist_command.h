// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "console/cli/import/import_run.h"

#include <string>

namespace gantry::console {

/// `gantryctl import olist DIR`: the orders of the Olist data set, as they are published.
class ImportOlistCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_folder;
    ImportRun m_import;
};

} // namespace gantry::console
