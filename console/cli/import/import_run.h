// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "console/cli/import/batch_importer.h"
#include "console/cli/import/import_report.h"
#include "console/cli/import/order_source.h"
#include "console/cli/progress_bar.h"

#include <fstream>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace gantry::console {

/// What the imports have in common: options, the report's file, progress, the summary and the exit code.
class ImportRun {
public:
    /// Adds --dry-run, --report and --batch to a command.
    void declare(CLI::App& command);

    /// Opens what is to be imported, once the report is ready.
    using OpenSource = std::function<Result<std::unique_ptr<OrderSource>>(ImportReport&, ProgressBar&)>;

    ExitCode run(CommandContext& context, const OpenSource& open);

private:
    ExitCode tell(CommandContext& context, const ImportReport& report, const Error* stopped, ExitCode code,
        std::chrono::milliseconds took) const;

    std::string m_reportFile;
    std::size_t m_batchOrders = 500;
    bool m_isDryRun = false;
};

} // namespace gantry::console
