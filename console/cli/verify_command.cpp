// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/verify_command.h"

#include "console/cli/printable.h"
#include "console/cli/progress_bar.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace gantry::console {

namespace {

using simdjson::dom::element;

constexpr std::chrono::milliseconds betweenLooks{250};

std::string textOf(element json, std::string_view name)
{
    std::string_view text;
    return json[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::uint64_t numberOf(element json, std::string_view name)
{
    std::uint64_t number = 0;
    return json[name].get(number) == simdjson::SUCCESS ? number : 0;
}

void showProgress(ProgressBar& progress, element status)
{
    const auto orders = numberOf(status, "orders");
    const auto total = numberOf(status, "orders_total");
    std::optional<double> fraction;
    if (total > 0)
        fraction = std::min(1.0, static_cast<double>(orders) / static_cast<double>(total));
    progress.update(fraction,
        std::to_string(orders) + " orders, " + std::to_string(numberOf(status, "findings_total"))
            + " findings");
}

void printFinding(Output& output, element finding)
{
    output.line(printable(textOf(finding, "check") + ": " + textOf(finding, "message")));
    output.line(printable("    expected  " + textOf(finding, "expected")));
    output.line(printable("    found     " + textOf(finding, "found")));
}

std::string summaryOf(element status)
{
    return std::to_string(numberOf(status, "orders")) + " orders with "
        + std::to_string(numberOf(status, "events")) + " events";
}

/// Tells the end of a verification.
ExitCode printEnd(Output& output, element status)
{
    if (textOf(status, "state") != "done") {
        element problem;
        const bool isTold = status["problem"].get(problem) == simdjson::SUCCESS;
        output.note(printable("gantryctl: the verification was not finished. "
            + (isTold ? textOf(problem, "detail") : std::string())));
        return ExitCode::Software;
    }
    const std::uint64_t total = numberOf(status, "findings_total");
    if (total == 0) {
        output.line("All is well: " + summaryOf(status) + '.');
        return ExitCode::Ok;
    }
    simdjson::dom::array findings;
    std::size_t shown = 0;
    if (status["findings"].get(findings) == simdjson::SUCCESS)
        for (const element finding : findings) {
            printFinding(output, finding);
            ++shown;
        }
    if (shown < total)
        output.line("… and " + std::to_string(total - shown) + " more.");
    output.line(std::to_string(total) + " findings in " + summaryOf(status)
        + ". docs/operations.md says what to do for each.");
    return ExitCode::Findings;
}

/// The id of a verification that is begun now. Errors: those of the call.
Result<std::string> begin(ApiSession& session)
{
    const auto answer = session.post("/v1/verifications", "{}");
    if (!answer)
        return tl::unexpected(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    if (!root)
        return tl::unexpected(root.error());
    return textOf(*root, "id");
}

} // namespace

CLI::App* VerifyCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand(
        "verify", "Audit the whole store while it works, and say which event broke what");
    command->add_option("ID", m_id, "A verification that was begun before (ver_…); without it, a new one");
    return command;
}

ExitCode VerifyCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    if (m_id.empty()) {
        auto id = begin(session);
        if (!id)
            return context.output.failure(id.error());
        m_id = std::move(*id);
    }
    ProgressBar progress(context.output, context.pace);
    for (;;) {
        const auto answer = session.get("/v1/verifications/" + pathSegment(m_id));
        JsonParser parser;
        const auto status = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
        if (!status) {
            progress.clear();
            return context.output.failure(status.error());
        }
        if (textOf(*status, "state") != "running") {
            progress.clear();
            context.output.json(answer->body);
            return printEnd(context.output, *status);
        }
        if (context.pace.isInterrupted()) {
            progress.clear();
            context.output.note(
                "gantryctl: the daemon goes on. See what it finds with: gantryctl verify " + printable(m_id));
            return ExitCode::TryAgain;
        }
        showProgress(progress, *status);
        context.pace.pause(betweenLooks);
    }
}

} // namespace gantry::console
