// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/benches.h"
#include "tests/bench/noop_worker.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <sysexits.h>

int main(int argc, char** argv)
{
    using namespace gantry;
    using namespace gantry::bench;
    CLI::App app("gantry-bench measures Gantry beside its limits, in one run; one JSON object a line.",
        "gantry-bench");
    Options options;
    bool worker = false;
    std::function<Result<void>(const Options&)> chosen;
    const auto add = [&](const char* name, const char* what, Result<void> (*bench)(const Options&)) {
        CLI::App* command = app.add_subcommand(name, what);
        command->add_option("--orders", options.orders, "How many orders");
        command->callback([&chosen, bench] { chosen = bench; });
        return command;
    };
    CLI::App* intake = add("intake",
        "Orders over HTTP, beside a constant answer; in batches, beside the bare rows", benchIntake);
    intake->add_option("--batch", options.batch, "Orders a request")->check(CLI::Range(1, 1000));
    intake->add_option("--connections", options.connections, "Connections (default 64; 4 in batches)")
        ->check(CLI::Range(1, 10'000));
    intake->add_flag("--tls", options.tls, "Over TLS, beside plain HTTP");
    intake->add_flag("--latency", options.latency, "Then the latency at half that rate, too");
    intake
        ->add_option("--slow-clients", options.slowClients,
            "The latency at half the rate with so many slow clients at the limit of connections, and without")
        ->check(CLI::Range(3, 20'000));
    CLI::App* lifecycle = add("lifecycle", "Six built-in steps, beside the bare rows", benchLifecycle);
    lifecycle->add_option("--batch", options.batch, "Orders a commit (default 512)")
        ->check(CLI::Range(1, 100'000));
    lifecycle->add_flag(
        "--worker", worker, "By a worker process over ZeroMQ, each step durable before the next");
    lifecycle->add_flag(
        "--latency", options.latency, "By a worker: then the latency at 50 orders a second, too");
    lifecycle->add_flag(
        "--limits", options.limits, "By a worker: then the cost of limits that keep no order");
    NoOpWorkerSettings settings;
    CLI::App* noOp = app.add_subcommand("no-op-worker", "The worker that lifecycle --worker starts");
    noOp->group("");
    noOp->add_option("--profile", settings.profile)->required();
    noOp->add_option("--report", settings.report)->required();
    noOp->add_option("--ready", settings.ready)->required();
    noOp->callback(
        [&chosen, &settings] { chosen = [&settings](const Options&) { return runNoOpWorker(settings); }; });
    CLI::App* events = add(
        "events", "Events to consoles over CURVE while orders come in, beside the bare sockets", benchEvents);
    events->add_option("--batch", options.batch, "Orders a request (default 100)")
        ->check(CLI::Range(1, 1000));
    events->add_option("--consoles", options.consoles, "How many consoles")->check(CLI::Range(1, 1000));
    add("lists", "Lists, counts and searches over many orders, alone and while more come in", benchLists);
    add("recovery", "kill -9 with many open orders, until ready again", benchRecovery);
    app.require_subcommand(1);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EX_OK : EX_USAGE;
    }
    if (worker)
        chosen = benchWorkerLifecycle;
    if (const auto done = chosen(options); !done) {
        std::fprintf(stderr, "gantry-bench: %s\n", done.error().message.c_str());
        return EX_SOFTWARE;
    }
    return EX_OK;
}
