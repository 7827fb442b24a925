// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "console/cli/import/import_run.h"

#include <fstream>
#include <string>

namespace gantry::console {

/// `gantryctl import csv FILE|- --map MAPPING`: orders out of any CSV file with a row a line.
class ImportCsvCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Result<std::unique_ptr<OrderSource>> open(CommandContext& context, ImportReport& report);

    std::string m_path;
    std::string m_mapping;
    std::ifstream m_file;
    ImportRun m_import;
};

} // namespace gantry::console
