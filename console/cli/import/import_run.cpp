// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/import_run.h"

#include "console/cli/printable.h"
#include "shared/protocol/problem.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>

namespace gantry::console {

namespace {

/// How an import that stopped is told to a script.
ExitCode codeOf(const Error& error, bool isSource, bool wasReached)
{
    if (isSource && error.code == ErrorCode::NotFound)
        return ExitCode::NoInput;
    if (isSource && error.code == ErrorCode::Corrupt)
        return ExitCode::InputOutput;
    if (error.code == ErrorCode::Unavailable)
        return wasReached ? ExitCode::TryAgain : ExitCode::Unreachable;
    return exitCodeOf(error.code);
}

std::string doneText(const OrderCounts& orders)
{
    return std::to_string(orders.accepted) + " accepted, " + std::to_string(orders.replayed)
        + " already there, " + std::to_string(orders.rejected) + " rejected";
}

/// Remembers whether an error came out of the source: then it is about the input, else about the daemon.
class WatchedSource final : public OrderSource {
public:
    explicit WatchedSource(OrderSource& source)
        : m_source(source)
    {
    }

    Result<std::optional<ImportItem>> next() override
    {
        auto item = m_source.next();
        m_hasFailed = m_hasFailed || !item;
        return item;
    }

    [[nodiscard]] std::optional<double> fraction() const override { return m_source.fraction(); }
    [[nodiscard]] bool hasFailed() const noexcept { return m_hasFailed; }

private:
    OrderSource& m_source;
    bool m_hasFailed = false;
};

} // namespace

void ImportRun::declare(CLI::App& command)
{
    command.add_flag("--dry-run", m_isDryRun, "Say what would become of each order, and take none");
    command.add_option("--report", m_reportFile,
        "Write every rejected row to this file, one JSON object a line, instead of to standard error");
    command.add_option("--batch", m_batchOrders, "Orders sent in one request, 1 to 1000")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
}

ExitCode ImportRun::run(CommandContext& context, const OpenSource& open)
{
    std::ofstream rows;
    if (!m_reportFile.empty()) {
        rows.open(m_reportFile, std::ios::binary | std::ios::trunc);
        if (!rows)
            return context.output.failure(
                {ErrorCode::InvalidValue, "Can't write " + m_reportFile + ": " + std::strerror(errno) + "."},
                ExitCode::CantCreate);
    }
    const auto began = context.pace.now();
    ProgressBar progress(context.output, context.pace);
    ImportReport report([&](const Rejection& rejection) {
        if (rows.is_open()) {
            rows << rejectionJson(rejection) << '\n';
        } else if (rejection.reason != orderRejected) { // those stand on their order's line
            progress.clear();
            context.output.note(rejectionText(rejection));
        }
    });
    auto source = open(report, progress);
    if (!source) {
        progress.clear();
        return context.output.failure(source.error(), codeOf(source.error(), true, false));
    }
    WatchedSource watched(**source);
    ImportSettings settings;
    settings.batchOrders = m_batchOrders;
    settings.isDryRun = m_isDryRun;
    settings.patience = context.timeout.value_or(settings.patience);
    BatchImporter importer(context.connect, context.pace, settings, report);
    const auto sent =
        importer.run(watched, [&] { progress.update(watched.fraction(), doneText(report.orders())); });
    progress.clear();
    ExitCode code = report.hasRejections() ? ExitCode::Refused : ExitCode::Ok;
    if (!sent)
        code = codeOf(sent.error(), watched.hasFailed(), importer.wasReached());
    else if (!report.isBalanced())
        context.output.note("gantryctl: the counts of this import do not add up; please report it.");
    code = tell(context, report, sent ? nullptr : &sent.error(), code, context.pace.now() - began);
    if (rows.is_open() && !rows.flush()) {
        context.output.note("gantryctl: " + m_reportFile + " could not be written to its end.");
        return ExitCode::InputOutput;
    }
    return code;
}

ExitCode ImportRun::tell(CommandContext& context, const ImportReport& report, const Error* stopped,
    ExitCode code, std::chrono::milliseconds took) const
{
    JsonWriter json;
    json.beginObject();
    if (m_isDryRun)
        json.member("dry_run", true);
    json.member("complete", stopped == nullptr).member("milliseconds", took.count());
    report.writeMembers(json);
    if (stopped)
        json.key("problem").raw(encodeProblem(*stopped));
    json.endObject();
    context.output.json(json.text());
    context.output.line(report.summary());
    if (m_isDryRun)
        context.output.line("This was a dry run: nothing was taken.");
    if (report.hasRejections() && !m_reportFile.empty())
        context.output.note("Every rejected row stands in " + printable(m_reportFile) + '.');
    if (stopped)
        context.output.note("gantryctl: " + describe(*stopped) + "\nThe import is not complete: "
            + doneText(report.orders()) + ". The same command goes on from here; nothing is taken twice.");
    return code;
}

} // namespace gantry::console
