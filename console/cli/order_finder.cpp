// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/order_finder.h"

#include "console/cli/order_view.h"
#include "shared/domain/order_id.h"

namespace gantry::console {

Result<std::string> findOrderId(ApiSession& session, const std::string& named, const std::string& channel)
{
    if (const auto id = OrderId::fromText(named))
        return id->text();
    const auto answer = session.get(
        Query().add("external_id", named).add("channel", channel).add("limit", "10").on("/v1/orders"));
    if (!answer)
        return tl::unexpected(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    simdjson::dom::array items;
    if (!root || (*root)["items"].get(items) != simdjson::SUCCESS)
        return failure(ErrorCode::Internal, "The daemon's answer to a search can't be read.");
    if (items.size() == 0)
        return failure(ErrorCode::NotFound,
            "There is no order with the id or external id " + named
                + (channel.empty() ? "." : " in channel " + channel + ".")
                + " Look for it with: gantryctl list --query TEXT");
    if (items.size() == 1)
        return readOrderView(items.at(0)).id;
    std::string channels;
    for (const auto item : items)
        channels += (channels.empty() ? "" : ", ") + readOrderView(item).channel;
    return failure(ErrorCode::InvalidValue,
        "The external id " + named + " stands in several channels (" + channels
            + "). Name one with --channel.");
}

} // namespace gantry::console
