// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_command.h"
#include "daemon/api/routes.h"

namespace gantry::api {

namespace {

/// The correction in a body: signed amounts, absent for none. Errors: as for any body.
Result<CorrectMoney> readCorrection(simdjson::dom::element body)
{
    FieldErrors errors;
    ObjectReader reader(body, "", errors);
    CorrectMoney correction;
    correction.money = {
        reader.integerOr("authorized", 0), reader.integerOr("captured", 0), reader.integerOr("refunded", 0)};
    correction.reason = readReason(reader);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The correction"));
    return correction;
}

void correctMoney(const Services& services, const Call& call, const ApiReply& reply)
{
    auto correction = bodyOf(call.request).and_then(readCorrection);
    if (!correction)
        return reply(problem(correction.error()));
    sendCommand(services, call, std::move(*correction), reply);
}

} // namespace

void addCorrectionRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"POST", "/v1/orders/{}/money/corrections", Access::Money, {},
        [services](const Call& call, const ApiReply& reply) { correctMoney(services, call, reply); }});
}

} // namespace gantry::api
