// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/workflow_view.h"

namespace gantry::console {

std::string joinedTexts(ObjectReader& object, std::string_view name)
{
    std::string joined;
    if (const auto array = object.array(name))
        for (const auto element : *array) {
            std::string_view text;
            if (element.get(text) == simdjson::SUCCESS)
                joined.append(joined.empty() ? "" : ", ").append(text);
        }
    return joined;
}

std::string usedBy(ObjectReader& workflow)
{
    std::string channels = joinedTexts(workflow, "channels");
    if (workflow.boolean("default").value_or(false))
        channels += channels.empty() ? "all others" : ", all others";
    return channels.empty() ? "-" : channels;
}

} // namespace gantry::console
