// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import_csv_command.h"

#include "console/cli/import/csv_source.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace gantry::console {

CLI::App* ImportCsvCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand(
        "csv", "Import orders from a CSV file, a row a line, by a mapping of its columns");
    command->add_option("FILE", m_path, "The CSV file, with a header; - is standard input")->required();
    command->add_option("--map", m_mapping, "The mapping: which column is what (TOML)")->required();
    m_import.declare(*command);
    return command;
}

Result<std::unique_ptr<OrderSource>> ImportCsvCommand::open(CommandContext& context, ImportReport& report)
{
    std::ifstream file(m_mapping, std::ios::binary);
    if (!file)
        return failure(ErrorCode::NotFound, "Can't open " + m_mapping + ": " + std::strerror(errno) + ".");
    auto mapping = readCsvMapping(file, std::filesystem::path(m_mapping).filename().string());
    if (!mapping)
        return tl::unexpected(std::move(mapping.error()));
    const bool isInput = m_path == "-";
    std::error_code unknown;
    std::uintmax_t size = 0;
    if (!isInput) {
        m_file.open(m_path, std::ios::binary);
        if (!m_file)
            return failure(ErrorCode::NotFound, "Can't open " + m_path + ": " + std::strerror(errno) + ".");
        size = std::filesystem::file_size(m_path, unknown);
    }
    auto source = CsvSource::open(isInput ? context.input : m_file,
        isInput ? "standard input" : std::filesystem::path(m_path).filename().string(), unknown ? 0 : size,
        std::move(*mapping), report);
    if (!source)
        return tl::unexpected(std::move(source.error()));
    return std::unique_ptr<OrderSource>(std::move(*source));
}

ExitCode ImportCsvCommand::run(CommandContext& context)
{
    return m_import.run(context, [&](ImportReport& report, ProgressBar&) { return open(context, report); });
}

} // namespace gantry::console
