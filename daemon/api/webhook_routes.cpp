// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/delivery_answer.h"
#include "daemon/api/routes.h"

namespace gantry::api {

namespace {

/// What is not to be told apart by a stranger: no source of that name, none of that kind, a removed one.
Error noSuchSource()
{
    return {ErrorCode::Unauthenticated,
        "No source of webhooks is known here that this could be from, or the signature does not fit. Nothing "
        "was taken in. Check the address and the secret; `gantryctl intake list` shows the sources."};
}

/// The secrets that are good now, the current one first. Errors: Corrupt.
Result<std::vector<std::string>> secretsOf(
    const store::IntakeSource& source, const intake::SecretBox& box, Timestamp now)
{
    std::vector<std::string> secrets;
    auto secret = box.open(source.secret);
    if (!secret)
        return tl::unexpected(std::move(secret.error()));
    secrets.push_back(std::move(*secret));
    if (source.previousUntil && *source.previousUntil > now) {
        auto previous = box.open(source.previousSecret);
        if (!previous)
            return tl::unexpected(std::move(previous.error()));
        secrets.push_back(std::move(*previous));
    }
    return secrets;
}

/// The source, if it may send and has signed this. Errors: Unauthenticated, Corrupt, the store's.
Result<store::IntakeSource> signerOf(
    const Services& services, store::StoreReader& reader, store::IntakeKind kind, const Call& call)
{
    const Timestamp now = services.clock.now();
    const intake::Webhook webhook{call.request.headers, call.request.body};
    auto source = reader.findIntakeSource(call.parts.front());
    if (!source)
        return tl::unexpected(std::move(source.error()));
    if (!*source || (*source)->kind != kind || (*source)->disabledAt)
        return tl::unexpected(noSuchSource());
    if (intake::isPing(kind, webhook))
        return std::move(**source);
    const auto secrets = secretsOf(**source, *services.secrets, now);
    if (!secrets)
        return tl::unexpected(secrets.error());
    if (auto fits = intake::checkSignature(kind, webhook, *secrets, now); !fits)
        return tl::unexpected(std::move(fits.error()));
    return std::move(**source);
}

void answerPing(const store::IntakeSource& source, Timestamp now, const ApiReply& reply)
{
    reply(json(deliveryJson({.source = source.name,
        .deliveryId = "ping",
        .topic = "ping",
        .receivedAt = now,
        .problem = "Somebody is there. Nothing was taken in."})));
}

void take(const Services& services, store::StoreReader& reader, store::IntakeKind kind, const Call& call,
    const ApiReply& reply)
{
    const auto source = signerOf(services, reader, kind, call);
    if (!source)
        return reply(problem(source.error()));
    const intake::Webhook webhook{call.request.headers, call.request.body};
    if (intake::isPing(kind, webhook))
        return answerPing(*source, services.clock.now(), reply);
    const auto root = bodyOf(call.request);
    if (!root)
        return reply(problem(root.error()));
    engine::Delivery delivery =
        readDelivery(*source, intake::nameOf(kind, webhook), call.request.body, *root, services.clock.now());
    delivery.reply = [reply](const Result<store::DeliveryRecord>& record) {
        reply(record ? json(deliveryJson(*record)) : problem(record.error()));
    };
    if (!services.inbox.post(std::move(delivery)))
        reply(problem(inboxFull()));
}

void takeWebhook(const Services& services, store::IntakeKind kind, const Call& call, const ApiReply& reply)
{
    if (call.request.body.size() > store::DeliveryLimits::bodyBytes)
        return reply(problem({ErrorCode::BodyTooLarge,
            "The webhook's body is larger than 1 MiB. Nothing was taken in; send smaller ones."}));
    // Who may send stands in the store, so that a source that was removed is out at once.
    const bool taken = services.readers.post([services, kind, call, reply](store::StoreReader& reader) {
        take(services, reader, kind, call, reply);
    });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace

void addWebhookRoutes(std::vector<Route>& routes, const Services& services)
{
    if (!services.secrets)
        return;
    for (const store::IntakeKind kind : store::allIntakeKinds)
        routes.push_back({"POST", "/v1/intake/" + std::string(store::intakeKindName(kind)) + "/{}",
            Access::Public, {}, [services, kind](const Call& call, const ApiReply& reply) {
                takeWebhook(services, kind, call, reply);
            }});
}

} // namespace gantry::api
