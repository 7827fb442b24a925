// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import_olist_command.h"

#include "console/cli/import/olist_source.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

CLI::App* ImportOlistCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("olist", "Import the Olist data set, CSV files as published");
    command->add_option("DIR", m_folder, "The folder of olist_orders_dataset.csv and its companions")
        ->required();
    m_import.declare(*command);
    return command;
}

ExitCode ImportOlistCommand::run(CommandContext& context)
{
    return m_import.run(
        context, [this](ImportReport& report, ProgressBar& progress) -> Result<std::unique_ptr<OrderSource>> {
            auto source = OlistSource::open(m_folder, report, [&](std::string_view file, double fraction) {
                progress.update(fraction, "reading " + std::string(file));
            });
            if (!source)
                return tl::unexpected(source.error());
            return std::unique_ptr<OrderSource>(std::move(*source));
        });
}

} // namespace gantry::console
