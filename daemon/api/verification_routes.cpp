// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "daemon/verify/verifier.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/problem.h"
#include "shared/util/text.h"

namespace gantry::api {

namespace {

std::string pathOf(const std::string& id)
{
    return "/v1/verifications/" + id;
}

void writeFinding(JsonWriter& body, const verify::Finding& finding)
{
    body.beginObject().member("check", finding.check);
    if (finding.order)
        body.member("order_id", finding.order->text());
    body.memberIf("version", finding.version)
        .memberIf("sequence", finding.sequence)
        .memberIf("sku", finding.sku)
        .member("expected", finding.expected)
        .member("found", finding.found)
        .member("message", finding.message)
        .endObject();
}

std::string encoded(const verify::VerificationStatus& status)
{
    JsonWriter body;
    body.beginObject()
        .member("id", status.id)
        .member("state", verify::verificationStateName(status.state))
        .member("started_by", status.startedBy)
        .member("started_at", status.startedAt)
        .memberIf("ended_at", status.endedAt)
        .memberIf("check", status.check)
        .member("orders", status.orders)
        .member("orders_total", status.ordersInAll)
        .member("events", status.events)
        .member("findings_total", status.findingsInAll);
    body.key("findings").beginArray();
    for (const verify::Finding& finding : status.findings)
        writeFinding(body, finding);
    body.endArray();
    if (status.error)
        body.key("problem").raw(encodeProblem(*status.error));
    return body.endObject().take();
}

/// It looks at everything, so there is nothing to choose. Errors: as for any body.
Result<void> readNoOptions(simdjson::dom::element body)
{
    FieldErrors errors;
    ObjectReader(body, "", errors).finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The verification"));
    return {};
}

void startVerification(verify::Verifier& verifier, const Call& call, const ApiReply& reply)
{
    if (const auto asked = bodyOrNothing(call.request).and_then(readNoOptions); !asked)
        return reply(problem(asked.error()));
    const auto started = call.isRehearsal ? verifier.foresee() : verifier.start(call.principal.name);
    ApiResponse response;
    if (started.isNew) {
        JsonWriter body;
        response = json(body.beginObject().member("id", started.id).endObject().take(), 202);
    } else {
        response = problem({ErrorCode::ActionNotAllowed,
            "The verification " + started.id + " runs already. Wait for its end, or look at "
                + pathOf(started.id) + '.'});
    }
    response.headers.emplace_back("Location", pathOf(started.id));
    reply(std::move(response));
}

void getVerification(const verify::Verifier& verifier, const Call& call, const ApiReply& reply)
{
    const auto status = verifier.find(call.parts.front());
    if (!status)
        return reply(problem({ErrorCode::NotFound,
            "There is no verification " + toPlainText(call.parts.front(), 100)
                + ". Only the last few are kept, and none beyond a restart: begin another."}));
    reply({.encode = [status = *status](ApiResponse& response) { response = json(encoded(status)); }});
}

} // namespace

void addVerificationRoutes(std::vector<Route>& routes, const Services& services)
{
    if (!services.verifier)
        return;
    routes.push_back({"POST", "/v1/verifications", Access::Admin, {},
        [verifier = services.verifier](
            const Call& call, const ApiReply& reply) { startVerification(*verifier, call, reply); }});
    routes.push_back({"GET", "/v1/verifications/{}", Access::Admin, {},
        [verifier = services.verifier](
            const Call& call, const ApiReply& reply) { getVerification(*verifier, call, reply); }});
}

} // namespace gantry::api
