// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stats_text.h"

#include "console/cli/printable.h"
#include "console/cli/text_table.h"

#include <algorithm>

namespace gantry::console {

namespace {

/// `open_by_step` → `OPEN BY STEP`.
std::string titleOf(std::string_view name)
{
    std::string title(name);
    std::transform(title.begin(), title.end(), title.begin(), [](char c) {
        return c == '_' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return title;
}

/// Appends a table of the numbers in an object, and one for each object in it.
void appendTables(std::string& text, std::string_view name, simdjson::dom::object members)
{
    TextTable table({{titleOf(name)}, {"COUNT", Alignment::Right}});
    std::string inner;
    for (const auto [key, value] : members) {
        simdjson::dom::object object;
        if (value.get(object) == simdjson::SUCCESS)
            appendTables(inner, key, object);
        else if (value.is_number()) // texts and lists are for --json
            table.addRow({std::string(key), simdjson::to_string(value)});
    }
    if (!table.isEmpty())
        text += (text.empty() ? "" : "\n\n") + table.take();
    if (!inner.empty())
        text += (text.empty() ? "" : "\n\n") + inner;
}

} // namespace

std::string statsText(simdjson::dom::element stats)
{
    simdjson::dom::object members;
    if (stats.get(members) != simdjson::SUCCESS)
        return printable(simdjson::to_string(stats));
    std::string text;
    appendTables(text, "daemon", members);
    return text;
}

} // namespace gantry::console
