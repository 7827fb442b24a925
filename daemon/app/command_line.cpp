// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/command_line.h"

#include "daemon/app/exposure.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <sysexits.h>

namespace gantry::app {

namespace {

/// What the command line says; empty where it says nothing.
struct Options {
    std::string configFile;
    std::string dataDir;
    std::string http;
    std::string commands;
    std::string events;
    std::string workers;
    bool check = false;
};

void addOptions(CLI::App& app, Options& options)
{
    app.add_option("--config", options.configFile, "Configuration file (TOML)")->type_name("FILE");
    app.add_option("--data-dir", options.dataDir, "Where everything is kept (default /var/lib/gantry)")
        ->type_name("DIR");
    app.add_option("--http", options.http, "REST API (default 127.0.0.1:7410); port 0 picks a free one")
        ->type_name("HOST:PORT");
    app.add_option("--commands", options.commands, "Command socket (default 127.0.0.1:7411)")
        ->type_name("HOST:PORT");
    app.add_option("--events", options.events, "Event socket (default 127.0.0.1:7412)")
        ->type_name("HOST:PORT");
    app.add_option("--workers", options.workers, "Worker socket (default 127.0.0.1:7413)")
        ->type_name("HOST:PORT");
    app.add_flag("--check", options.check, "Check the configuration, and exit");
    app.set_version_flag("--version", std::string("gantryd ") + GANTRY_VERSION);
}

void overrideWith(std::string& setting, const std::string& option)
{
    if (!option.empty())
        setting = option;
}

Result<Config> combine(const Options& options)
{
    Config config;
    if (!options.configFile.empty()) {
        auto loaded = loadConfig(options.configFile, std::move(config));
        if (!loaded)
            return loaded;
        config = std::move(*loaded);
    }
    overrideWith(config.dataDir, options.dataDir);
    overrideWith(config.http, options.http);
    overrideWith(config.commands, options.commands);
    overrideWith(config.events, options.events);
    overrideWith(config.workers, options.workers);
    for (const std::string* address : {&config.http, &config.commands, &config.events, &config.workers})
        if (const auto parsed = parseAddress(*address); !parsed)
            return tl::unexpected(parsed.error());
    if (auto checked = checkExposure(config); !checked)
        return tl::unexpected(checked.error());
    if (options.check && !config.tls.certificate.empty())
        if (const auto identity = api::TlsIdentity::load(config.tls); !identity)
            return tl::unexpected(identity.error());
    return config;
}

int exitCodeOfConfig(const Error& error)
{
    switch (error.code) {
    case ErrorCode::NotFound: return EX_NOINPUT;
    case ErrorCode::Forbidden: return EX_NOPERM;
    default: return EX_CONFIG;
    }
}

} // namespace

CommandLine parseCommandLine(int argc, char** argv)
{
    CLI::App app(
        "gantryd takes orders in, carries each through its workflow, and publishes every change.", "gantryd");
    Options options;
    addOptions(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return {{}, code == 0 ? EX_OK : EX_USAGE};
    }
    auto config = combine(options);
    if (!config) {
        std::fprintf(stderr, "gantryd: %s\n", config.error().message.c_str());
        return {{}, exitCodeOfConfig(config.error())};
    }
    if (options.check) {
        std::fprintf(stderr, "gantryd: the configuration is in order\n");
        return {std::move(*config), EX_OK};
    }
    return {std::move(*config), std::nullopt};
}

int exitCodeOf(const Error& error)
{
    switch (error.code) {
    case ErrorCode::Busy: return EX_TEMPFAIL;
    case ErrorCode::Forbidden: return EX_NOPERM;
    case ErrorCode::Corrupt: return EX_DATAERR;
    case ErrorCode::InvalidValue:
    case ErrorCode::VersionMismatch: return EX_CONFIG;
    default: return EX_UNAVAILABLE;
    }
}

} // namespace gantry::app
