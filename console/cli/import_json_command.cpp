// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import_json_command.h"

#include "console/cli/import/json_source.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace gantry::console {

CLI::App* ImportJsonCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("json", "Import orders in the form that the API takes");
    command
        ->add_option(
            "FILE", m_path, R"({"orders":[…]}, an array of orders, or one order a line; - is standard input)")
        ->required();
    m_import.declare(*command);
    return command;
}

Result<std::unique_ptr<OrderSource>> ImportJsonCommand::open(CommandContext& context, ImportReport& report)
{
    if (m_path == "-")
        return std::make_unique<JsonSource>(context.input, "standard input", 0, report);
    m_file.open(m_path, std::ios::binary);
    if (!m_file)
        return failure(ErrorCode::NotFound, "Can't open " + m_path + ": " + std::strerror(errno) + ".");
    std::error_code unknown;
    const auto size = std::filesystem::file_size(m_path, unknown);
    return std::make_unique<JsonSource>(
        m_file, std::filesystem::path(m_path).filename().string(), unknown ? 0 : size, report);
}

ExitCode ImportJsonCommand::run(CommandContext& context)
{
    return m_import.run(context, [&](ImportReport& report, ProgressBar&) { return open(context, report); });
}

} // namespace gantry::console
