// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_server.h"
#include "tests/standins/payment/payment_service.h"

#include <CLI/CLI.hpp>
#include <QCoreApplication>
#include <QJsonDocument>
#include <QSaveFile>
#include <QSocketNotifier>
#include <csignal>
#include <cstdio>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

namespace gantry::standin {
namespace {

struct Options {
    std::string listen = "127.0.0.1:0";
    std::string addressFile;
    bool exitWithParent = false;
    Behavior behavior;
};

void declare(CLI::App& app, Options& options, std::int64_t& latencyMs, std::int64_t& jitterMs)
{
    auto& behavior = options.behavior;
    const auto rate = CLI::Range(0.0, 1.0);
    app.add_option("--listen", options.listen, "Address to listen at, HOST:PORT; port 0 picks a free one")
        ->capture_default_str();
    app.add_option(
        "--address-file", options.addressFile, "File to write the address to, as JSON, once it listens");
    app.add_flag("--exit-with-parent", options.exitWithParent, "End when the process that started it ends");
    app.add_option("--latency-ms", latencyMs, "Time that every answer takes")->check(CLI::Range(0, 120'000));
    app.add_option("--jitter-ms", jitterMs, "Up to so much time more, at random")
        ->check(CLI::Range(0, 120'000));
    app.add_option("--declined", behavior.declined, "Rate of declined charges")->check(rate);
    app.add_option("--error", behavior.error, "Rate of answers 500 and 503")->check(rate);
    app.add_option("--timeout", behavior.timeout, "Rate of requests that get no answer")->check(rate);
    app.add_option("--garbage", behavior.garbage, "Rate of answers that are not JSON")->check(rate);
    app.add_option("--seed", behavior.seed, "What chance starts from; the same seed, the same run")
        ->capture_default_str();
}

Result<api::HttpSettings> settingsFor(const std::string& listen)
{
    const auto colon = listen.rfind(':');
    bool isPort = false;
    const auto port = colon == std::string::npos
        ? std::uint16_t{0}
        : QString::fromStdString(listen.substr(colon + 1)).toUShort(&isPort);
    if (!isPort || colon == 0)
        return failure(ErrorCode::InvalidValue,
            "--listen " + listen + " is no address: write HOST:PORT, for example 127.0.0.1:0.");
    api::HttpSettings settings;
    settings.address = listen.substr(0, colon);
    settings.port = port;
    // All callers sit on one machine, and silent requests hold their connections.
    settings.limits.connectionsPerAddress = settings.limits.connections;
    return settings;
}

bool writeAddress(const std::string& fileName, const QString& address)
{
    QSaveFile file(QString::fromStdString(fileName));
    const auto text =
        QJsonDocument({{QStringLiteral("http"), address}}).toJson(QJsonDocument::Compact) + '\n';
    return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit();
}

/// The descriptor that becomes readable on SIGTERM or SIGINT; called before any thread starts, so that all block them.
int openSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int fail(int code, const std::string& message)
{
    std::fprintf(stderr, "payment-standin: %s\n", message.c_str());
    return code;
}

int run(int argc, char** argv)
{
    Options options;
    std::int64_t latencyMs = 0;
    std::int64_t jitterMs = 0;
    CLI::App cli("A stand-in for a payment service, for tests and the demo: docs/payment-service.md");
    declare(cli, options, latencyMs, jitterMs);
    CLI11_PARSE(cli, argc, argv);
    options.behavior.latency = std::chrono::milliseconds(latencyMs);
    options.behavior.jitter = std::chrono::milliseconds(jitterMs);

    auto settings = settingsFor(options.listen);
    if (!settings)
        return fail(EX_USAGE, settings.error().message);

    const pid_t parent = getppid();
    if (options.exitWithParent && (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent))
        return fail(EX_OSERR, "the process that started it is gone already.");
    const int signalDescriptor = openSignals();
    QCoreApplication application(argc, argv);
    QSocketNotifier signalNotifier(signalDescriptor, QSocketNotifier::Read);
    QObject::connect(&signalNotifier, &QSocketNotifier::activated, &application, &QCoreApplication::quit);

    PaymentService service(options.behavior);
    auto server = api::HttpServer::start(
        std::move(*settings), [&service](api::ApiRequest request, api::ApiReply reply) {
            service.handle(std::move(request), std::move(reply));
        });
    if (!server)
        return fail(EX_UNAVAILABLE, server.error().message);
    const auto address = (*server)->boundAddress();
    if (!options.addressFile.empty() && !writeAddress(options.addressFile, QString::fromStdString(address)))
        return fail(EX_CANTCREAT,
            "can't write " + options.addressFile + ": check that its folder exists and may be written.");
    std::printf("payment-standin listens at http://%s\n", address.c_str());
    std::fflush(stdout);
    return QCoreApplication::exec();
}

} // namespace
} // namespace gantry::standin

int main(int argc, char** argv)
{
    return gantry::standin::run(argc, argv);
}
