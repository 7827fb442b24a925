// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_command.h"

#include "daemon/api/fingerprint.h"
#include "shared/protocol/order_codec.h"

namespace gantry::api {

namespace {

ApiResponse acted(const Result<engine::CommandOutcome>& outcome)
{
    if (!outcome)
        return problem(outcome.error());
    JsonWriter body;
    writeOrderRow(body, *outcome->order);
    ApiResponse response = json(body.take());
    response.headers.emplace_back("ETag", etagOf(outcome->order->version));
    if (outcome->replayed)
        response.headers.emplace_back("Idempotency-Replayed", "true");
    return response;
}

} // namespace

void sendCommand(const Services& services, const Call& call, CommandBody body, const ApiReply& reply)
{
    const auto id = orderIdOf(call);
    if (!id)
        return reply(problem(id.error()));
    const auto version = ifMatchOf(call);
    if (!version)
        return reply(problem(version.error()));
    auto key = idempotencyKeyOf(call, fingerprintOf(call.request.path + '\n' + call.request.body));
    if (!key)
        return reply(problem(key.error()));
    engine::OrderCommand command{*id, {}, std::move(*key)};
    command.origin = originOf(call);
    command.command.actor = call.principal.name;
    command.command.role = call.principal.role;
    command.command.expectedVersion = *version;
    command.command.body = std::move(body);
    command.reply = [reply](const Result<engine::CommandOutcome>& outcome) {
        reply({.encode = [outcome](ApiResponse& response) { response = acted(outcome); }});
    };
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

std::string readReason(ObjectReader& reader)
{
    std::string reason = reader.requiredText("reason", CommandLimits::reason);
    if (reader.errors().isEmpty() && reason.find_first_not_of(' ') == std::string::npos)
        reader.errors().add(reader.pointerTo("reason"), ErrorCode::InvalidValue, "must say why");
    return reason;
}

} // namespace gantry::api
