// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stock_import_command.h"

#include "console/cli/printable.h"
#include "console/cli/progress_bar.h"
#include "console/cli/stock_view.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/problem.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace gantry::console {

namespace {

constexpr std::size_t mostBytes = 64 * 1024 * 1024;

Result<std::string> readAll(std::istream& stream)
{
    std::string text;
    std::string block(65536, '\0');
    while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) || stream.gcount() > 0) {
        text.append(block, 0, static_cast<std::size_t>(stream.gcount()));
        if (text.size() > mostBytes)
            return failure(ErrorCode::BodyTooLarge, "The stock file is larger than 64 MiB. Split it.");
    }
    if (stream.bad())
        return failure(ErrorCode::Corrupt, "The stock file can't be read to its end.");
    return text;
}

} // namespace

CLI::App* StockImportCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("import", "Set the quantities on hand that a file lists");
    command->add_option("FILE", m_file, R"({"items":[{"sku":"A-1","on_hand":5},…]}; - is standard input)")
        ->required();
    return command;
}

Result<std::vector<StockImportCommand::Level>> StockImportCommand::readLevels(
    const CommandContext& context) const
{
    std::ifstream file;
    if (m_file != "-") {
        file.open(m_file, std::ios::binary);
        if (!file)
            return failure(ErrorCode::NotFound, "Can't open " + m_file + ": " + std::strerror(errno) + ".");
    }
    const auto text = readAll(m_file == "-" ? context.input : file);
    if (!text)
        return tl::unexpected(text.error());
    JsonParser parser(mostBytes);
    const auto root = parser.parse(*text);
    if (!root)
        return failure(root.error().code, m_file + " can't be read. " + root.error().message);
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    std::vector<Level> levels;
    if (const auto items = reader.requiredArray("items"))
        for (const auto item : *items) {
            ObjectReader fields(item, "/items/" + std::to_string(levels.size()), errors);
            levels.push_back({fields.requiredText("sku", 100), fields.requiredInteger("on_hand")});
            fields.finish();
        }
    reader.finish();
    // Nothing is set unless all of the file can be read: half a stock count is worse than none.
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError(m_file));
    return levels;
}

ExitCode StockImportCommand::run(CommandContext& context)
{
    const auto levels = readLevels(context);
    if (!levels) {
        const ErrorCode code = levels.error().code;
        return context.output.failure(levels.error(),
            code == ErrorCode::NotFound      ? ExitCode::NoInput
                : code == ErrorCode::Corrupt ? ExitCode::InputOutput
                                             : ExitCode::BadData);
    }
    ApiSession session = context.session();
    ProgressBar progress(context.output, context.pace);
    JsonWriter refused;
    refused.beginArray();
    std::size_t set = 0;
    std::size_t tried = 0;
    ExitCode code = ExitCode::Ok;
    for (const Level& level : *levels) {
        const auto answer = context.pace.isInterrupted()
            ? failure(ErrorCode::Busy, "Stopped by a signal. The same command again sets the rest.")
            : putStock(session, level.sku, level.onHand);
        ++tried;
        if (answer) {
            ++set;
        } else {
            progress.clear();
            context.output.note(printable(level.sku) + ": " + describe(answer.error()));
            refused.beginObject().member("sku", level.sku).key("problem");
            refused.raw(encodeProblem(answer.error())).endObject();
            const ExitCode failed = exitCodeOf(answer.error().code);
            const bool goesOn = failed == ExitCode::Refused || failed == ExitCode::BadData;
            code = goesOn ? ExitCode::Refused : failed;
            if (!goesOn)
                break;
        }
        progress.update(static_cast<double>(tried) / static_cast<double>(levels->size()),
            std::to_string(set) + " SKUs set");
    }
    progress.clear();
    JsonWriter json;
    json.beginObject().member("listed", levels->size()).member("set", set).key("refused");
    json.raw(refused.endArray().text()).endObject();
    context.output.json(json.text());
    context.output.line("Set " + std::to_string(set) + " of " + std::to_string(levels->size()) + " SKUs.");
    return code;
}

} // namespace gantry::console
