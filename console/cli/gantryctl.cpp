// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/gantryctl.h"

#include "console/cli/action_command.h"
#include "console/cli/bulk_act_command.h"
#include "console/cli/bulk_list_command.h"
#include "console/cli/bulk_show_command.h"
#include "console/cli/bulk_steer_command.h"
#include "console/cli/correct_money_command.h"
#include "console/cli/delivery_command.h"
#include "console/cli/import_csv_command.h"
#include "console/cli/import_json_command.h"
#include "console/cli/import_olist_command.h"
#include "console/cli/incidents_command.h"
#include "console/cli/intake_list_command.h"
#include "console/cli/intake_source_command.h"
#include "console/cli/list_command.h"
#include "console/cli/login_command.h"
#include "console/cli/logout_command.h"
#include "console/cli/password_command.h"
#include "console/cli/pause_command.h"
#include "console/cli/pauses_command.h"
#include "console/cli/principal_add_command.h"
#include "console/cli/principal_change_command.h"
#include "console/cli/principal_key_add_command.h"
#include "console/cli/principal_key_revoke_command.h"
#include "console/cli/principal_list_command.h"
#include "console/cli/principal_log_command.h"
#include "console/cli/principal_password_command.h"
#include "console/cli/principal_profile_command.h"
#include "console/cli/role_change_command.h"
#include "console/cli/role_list_command.h"
#include "console/cli/services_command.h"
#include "console/cli/session_end_command.h"
#include "console/cli/session_file.h"
#include "console/cli/session_list_command.h"
#include "console/cli/show_command.h"
#include "console/cli/stats_command.h"
#include "console/cli/stock_change_command.h"
#include "console/cli/stock_import_command.h"
#include "console/cli/stock_movements_command.h"
#include "console/cli/stock_set_command.h"
#include "console/cli/stock_show_command.h"
#include "console/cli/tail_command.h"
#include "console/cli/verify_command.h"
#include "console/cli/why_command.h"
#include "console/cli/workflow_choice_command.h"
#include "console/cli/workflow_file_command.h"
#include "console/cli/workflow_list_command.h"
#include "console/cli/workflow_migrate_command.h"
#include "console/cli/workflow_show_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <utility>

namespace gantry::console {

namespace {

struct GlobalOptions {
    std::string dataDir;
    std::string profile;
    bool json = false;
    double timeoutSeconds = 0;
};

/// The command line: every command with its place in it.
class CommandLine {
public:
    CommandLine()
        : m_app("Works with a running gantryd: takes orders in, shows them, repairs them.", "gantryctl")
    {
        declareGlobals();
        declareImports();
        add(m_app, std::make_unique<ListCommand>());
        add(m_app, std::make_unique<ShowCommand>());
        add(m_app, std::make_unique<WhyCommand>());
        for (const Action action : allActions)
            add(m_app, std::make_unique<ActionCommand>(action));
        add(m_app, std::make_unique<CorrectMoneyCommand>());
        add(m_app, std::make_unique<IncidentsCommand>());
        add(m_app, std::make_unique<PauseCommand>(PauseCommand::Purpose::Pause));
        add(m_app, std::make_unique<PauseCommand>(PauseCommand::Purpose::Resume));
        add(m_app, std::make_unique<PausesCommand>());
        add(m_app, std::make_unique<ServicesCommand>());
        add(m_app, std::make_unique<StatsCommand>());
        add(m_app, std::make_unique<TailCommand>());
        add(m_app, std::make_unique<VerifyCommand>());
        declareStock();
        declareWorkflows();
        declareBulk();
        declarePrincipals();
        declarePeople();
        declareRoles();
        declareIntake();
    }

    /// Errors are told to `surroundings`; then the exit code is given, else nothing.
    std::optional<ExitCode> parse(std::vector<std::string> arguments, const Surroundings& surroundings)
    {
        std::reverse(arguments.begin(), arguments.end()); // what CLI11 wants
        try {
            m_app.parse(arguments);
        } catch (const CLI::ParseError& error) {
            const int status = m_app.exit(error, surroundings.out, surroundings.err);
            return status == 0 ? ExitCode::Ok : ExitCode::Usage;
        }
        return std::nullopt;
    }

    [[nodiscard]] const GlobalOptions& options() const noexcept { return m_options; }

    /// The command that was called.
    [[nodiscard]] Command& called()
    {
        const auto found = std::find_if(
            m_commands.begin(), m_commands.end(), [](const auto& entry) { return entry.first->parsed(); });
        return *found->second;
    }

private:
    void declareGlobals()
    {
        m_app.require_subcommand(1);
        m_app.fallthrough(); // --json may stand behind the command, too
        m_app.set_version_flag("--version", "gantryctl " GANTRY_VERSION);
        m_app.footer(exitCodeHelp());
        auto* dataDir = m_app.add_option("--data-dir", m_options.dataDir,
            "The daemon's data directory. Default: $GANTRY_DATA_DIR, else /var/lib/gantry if it can be read, "
            "else "
            "~/.local/share/gantry");
        m_app
            .add_option("--profile", m_options.profile,
                "A profile file; default: admin.profile in the data directory")
            ->excludes(dataDir);
        m_app.add_flag("--json", m_options.json, "Print JSON alone on standard output");
        m_app
            .add_option("--timeout", m_options.timeoutSeconds,
                "Seconds to wait for the daemon: for a single call 10, for an import without progress 60")
            ->check(CLI::Range(0.1, 86400.0));
    }

    void declareImports()
    {
        CLI::App* imports = m_app.add_subcommand("import", "Take orders in from files");
        imports->require_subcommand(1);
        add(*imports, std::make_unique<ImportOlistCommand>());
        add(*imports, std::make_unique<ImportJsonCommand>());
        add(*imports, std::make_unique<ImportCsvCommand>());
    }

    void declareStock()
    {
        CLI::App* stock = m_app.add_subcommand("stock", "Show and change what is on hand");
        stock->require_subcommand(1);
        add(*stock, std::make_unique<StockSetCommand>());
        add(*stock, std::make_unique<StockShowCommand>());
        for (const auto purpose : {StockChangeCommand::Purpose::Receive, StockChangeCommand::Purpose::Adjust,
                 StockChangeCommand::Purpose::Move})
            add(*stock, std::make_unique<StockChangeCommand>(purpose));
        add(*stock, std::make_unique<StockMovementsCommand>());
        add(*stock, std::make_unique<StockImportCommand>());
    }

    void declareWorkflows()
    {
        CLI::App* workflows = m_app.add_subcommand("workflow", "Check, store, show and activate workflows");
        workflows->require_subcommand(1);
        add(*workflows, std::make_unique<WorkflowFileCommand>(WorkflowFileCommand::Purpose::Check));
        add(*workflows, std::make_unique<WorkflowFileCommand>(WorkflowFileCommand::Purpose::Add));
        add(*workflows, std::make_unique<WorkflowListCommand>());
        add(*workflows, std::make_unique<WorkflowShowCommand>());
        add(*workflows, std::make_unique<WorkflowChoiceCommand>(WorkflowChoiceCommand::Purpose::Activate));
        add(*workflows, std::make_unique<WorkflowChoiceCommand>(WorkflowChoiceCommand::Purpose::Deactivate));
        add(*workflows, std::make_unique<WorkflowMigrateCommand>());
    }

    void declareBulk()
    {
        CLI::App* bulk =
            m_app.add_subcommand("bulk", "Act on many orders at once, and follow what comes of each");
        bulk->require_subcommand(1);
        for (const Action action :
            {Action::Retry, Action::Hold, Action::Release, Action::Cancel, Action::Override})
            add(*bulk, std::make_unique<BulkActCommand>(action));
        add(*bulk, std::make_unique<BulkListCommand>());
        add(*bulk, std::make_unique<BulkShowCommand>());
        add(*bulk, std::make_unique<BulkSteerCommand>(BulkSteerCommand::Purpose::Pause));
        add(*bulk, std::make_unique<BulkSteerCommand>(BulkSteerCommand::Purpose::Resume));
    }

    void declarePrincipals()
    {
        CLI::App* principals =
            m_app.add_subcommand("principal", "Who may come in, as what, and with which keys");
        principals->require_subcommand(1);
        add(*principals, std::make_unique<PrincipalListCommand>());
        add(*principals, std::make_unique<PrincipalLogCommand>());
        add(*principals, std::make_unique<PrincipalAddCommand>());
        for (const auto purpose : {PrincipalChangeCommand::Purpose::Role,
                 PrincipalChangeCommand::Purpose::Disable, PrincipalChangeCommand::Purpose::Enable})
            add(*principals, std::make_unique<PrincipalChangeCommand>(purpose));
        add(*principals, std::make_unique<PrincipalProfileCommand>());
        add(*principals, std::make_unique<PrincipalPasswordCommand>());
        CLI::App* keys = principals->add_subcommand("key", "Make and revoke keys");
        keys->require_subcommand(1);
        add(*keys, std::make_unique<PrincipalKeyAddCommand>());
        add(*keys, std::make_unique<PrincipalKeyRevokeCommand>());
    }

    void declarePeople()
    {
        add(m_app, std::make_unique<LoginCommand>());
        add(m_app, std::make_unique<LogoutCommand>());
        add(m_app, std::make_unique<PasswordCommand>());
        CLI::App* sessions = m_app.add_subcommand("session", "Who is logged in");
        sessions->require_subcommand(1);
        add(*sessions, std::make_unique<SessionListCommand>());
        add(*sessions, std::make_unique<SessionEndCommand>());
    }

    void declareRoles()
    {
        CLI::App* roles =
            m_app.add_subcommand("role", "What each role may do, where, and up to which amount");
        roles->require_subcommand(1);
        for (const auto purpose :
            {RoleListCommand::Purpose::List, RoleListCommand::Purpose::Show, RoleListCommand::Purpose::Log})
            add(*roles, std::make_unique<RoleListCommand>(purpose));
        for (const auto purpose : {RoleChangeCommand::Purpose::Put, RoleChangeCommand::Purpose::Delete})
            add(*roles, std::make_unique<RoleChangeCommand>(purpose));
    }

    void declareIntake()
    {
        CLI::App* intake =
            m_app.add_subcommand("intake", "Signed webhooks: who may send them, and what came of each");
        intake->require_subcommand(1);
        for (const auto purpose : {IntakeSourceCommand::Purpose::Add, IntakeSourceCommand::Purpose::Rotate,
                 IntakeSourceCommand::Purpose::Remove})
            add(*intake, std::make_unique<IntakeSourceCommand>(purpose));
        for (const auto purpose :
            {IntakeListCommand::Purpose::Sources, IntakeListCommand::Purpose::Deliveries})
            add(*intake, std::make_unique<IntakeListCommand>(purpose));
        for (const auto purpose : {DeliveryCommand::Purpose::Show, DeliveryCommand::Purpose::Replay})
            add(*intake, std::make_unique<DeliveryCommand>(purpose));
    }

    void add(CLI::App& parent, std::unique_ptr<Command> command)
    {
        CLI::App* declared = command->declare(parent);
        m_commands.emplace_back(declared, std::move(command));
    }

    CLI::App m_app;
    GlobalOptions m_options;
    std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> m_commands;
};

std::string profilePathOf(const GlobalOptions& options, const DataDirSurroundings& surroundings)
{
    if (!options.profile.empty())
        return options.profile;
    return profileIn(options.dataDir.empty() ? defaultDataDir(surroundings) : options.dataDir);
}

/// Tells why the profile can't be used, and what to do about it.
ExitCode profileFailure(Output& output, Error error)
{
    if (error.code != ErrorCode::NotFound)
        return output.failure(
            error, error.code == ErrorCode::Forbidden ? ExitCode::NotPermitted : ExitCode::BadData);
    error.message +=
        " Start gantryd on that data directory first, or name another with --data-dir or --profile.";
    return output.failure(error, ExitCode::NoInput);
}

} // namespace

ExitCode runGantryctl(const std::vector<std::string>& arguments, const Surroundings& surroundings)
{
    CommandLine commandLine;
    if (const auto code = commandLine.parse(arguments, surroundings))
        return *code;
    const GlobalOptions& options = commandLine.options();
    OutputStyle style = surroundings.style;
    style.json = options.json;
    Output output(surroundings.out, surroundings.err, style);
    const std::string profilePath = profilePathOf(options, surroundings.dataDir);
    const auto connect = surroundings.connectTo(profilePath);
    if (!connect)
        return profileFailure(output, connect.error());
    const std::string sessionFile = sessionFileOf(profilePath, surroundings.dataDir);
    const auto token = loadSession(sessionFile);
    if (!token)
        return output.failure(token.error(), ExitCode::NotPermitted);
    CommandContext context{.output = output,
        .pace = surroundings.pace,
        .clock = surroundings.clock,
        .input = surroundings.input,
        .connect = *token ? withSession(*connect, **token) : *connect,
        .profilePath = profilePath,
        .sessionFile = sessionFile};
    if (options.timeoutSeconds > 0)
        context.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(options.timeoutSeconds * 1000));
    const ExitCode code = commandLine.called().run(context);
    if (!output.flush()) {
        output.note("gantryctl: standard output could not take everything.");
        return ExitCode::InputOutput;
    }
    return code;
}

} // namespace gantry::console
