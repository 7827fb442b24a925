// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/waiting_view.h"

#include "shared/protocol/json_reader.h"

namespace gantry::console {

Result<WaitingView> askWhy(ApiSession& session, const std::string& id)
{
    const auto answer = session.get("/v1/orders/" + pathSegment(id) + "/waiting");
    if (!answer)
        return tl::unexpected(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    if (!root)
        return tl::unexpected(root.error());
    const auto textOf = [&root](std::string_view name) {
        std::string_view text;
        return (*root)[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
    };
    return WaitingView{textOf("sentence"), textOf("help"), answer->body};
}

} // namespace gantry::console
