// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "console/cli/import/import_run.h"

#include <fstream>
#include <string>

namespace gantry::console {

/// `gantryctl import json FILE|-`: orders in the form that the API takes.
class ImportJsonCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Result<std::unique_ptr<OrderSource>> open(CommandContext& context, ImportReport& report);

    std::string m_path;
    std::ifstream m_file;
    ImportRun m_import;
};

} // namespace gantry::console
