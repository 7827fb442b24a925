// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/intake_source_command.h"

#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"
#include "shared/util/private_file.h"

#include <CLI/CLI.hpp>
#include <set>

namespace gantry::console {

namespace {

/// The secret in a file, without the line's end. Errors: those of readPrivateFile().
Result<std::string> readSecret(const std::string& path)
{
    auto secret = readPrivateFile(path, Links::Followed, Owner::Anyone);
    while (secret && !secret->empty() && (secret->back() == '\n' || secret->back() == '\r'))
        secret->pop_back();
    return secret;
}

} // namespace

CLI::App* IntakeSourceCommand::declare(CLI::App& parent)
{
    CLI::App* command = nullptr;
    switch (m_purpose) {
    case Purpose::Add:
        command = parent.add_subcommand("add", "Take signed webhooks in from somebody new");
        command->add_option("KIND", m_kind, "shopify, woocommerce or standard (Standard Webhooks)")
            ->required()
            ->check(CLI::IsMember(std::set<std::string>{"shopify", "woocommerce", "standard"}));
        break;
    case Purpose::Rotate:
        command = parent.add_subcommand("rotate", "Give a source another secret");
        command->add_option("--keep-old", m_keepOldHours, "Hours that the old secret stays good; 0: none")
            ->check(CLI::Range(0.0, 168.0))
            ->capture_default_str();
        break;
    case Purpose::Remove:
        command = parent.add_subcommand("remove", "Take nothing from a source any more; its orders stay");
        break;
    }
    command->add_option("NAME", m_name, "The source; also the channel of its orders")->required();
    if (m_purpose != Purpose::Remove)
        command
            ->add_option(
                "--secret-file", m_secretFile, "File with the secret, readable by its owner alone (0600)")
            ->required();
    return command;
}

Result<ApiCall> IntakeSourceCommand::makeCall() const
{
    const std::string path = "/v1/intake/sources";
    if (m_purpose == Purpose::Remove)
        return ApiCall{.method = "DELETE", .target = path + '/' + pathSegment(m_name)};
    const auto secret = readSecret(m_secretFile);
    if (!secret)
        return tl::unexpected(secret.error());
    JsonWriter body;
    body.beginObject();
    if (m_purpose == Purpose::Add)
        body.member("name", m_name).member("kind", m_kind);
    else
        body.member("keep_old_s", static_cast<std::int64_t>(m_keepOldHours * 3600));
    body.member("secret", *secret).endObject();
    return ApiCall{.method = "POST",
        .target = m_purpose == Purpose::Add ? path : path + '/' + pathSegment(m_name) + "/rotate",
        .body = body.take()};
}

ExitCode IntakeSourceCommand::run(CommandContext& context)
{
    const auto call = makeCall();
    if (!call)
        return context.output.failure(
            call.error(), call.error().code == ErrorCode::NotFound ? ExitCode::NoInput : ExitCode::BadData);
    ApiSession session = context.session();
    const auto answer = session.call(*call);
    if (!answer)
        return context.output.failure(answer.error());
    context.output.json(answer->body);
    tell(context, *answer);
    return ExitCode::Ok;
}

void IntakeSourceCommand::tell(CommandContext& context, const ApiAnswer& answer) const
{
    JsonParser parser;
    const auto root = parser.parse(answer.body);
    if (!root)
        return;
    FieldErrors ignored;
    ObjectReader fields(*root, "", ignored);
    const std::string name = printable(m_name);
    switch (m_purpose) {
    case Purpose::Add:
        context.output.line("Webhooks of " + name + " are taken in at " + printable(fields.text("path", 1000))
            + ". Its orders are of the channel " + name + '.');
        break;
    case Purpose::Rotate: {
        const std::string until = fields.text("old_secret_until", 100);
        context.output.line("The new secret of " + name + " is good now. "
            + (until.empty() ? "The old one is not any more."
                             : "The old one stays good until " + until + '.'));
        break;
    }
    case Purpose::Remove: context.output.line("Nothing is taken from " + name + " any more."); break;
    }
}

} // namespace gantry::console
