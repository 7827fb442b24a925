// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/migration_view.h"

#include "console/cli/printable.h"

namespace gantry::console {

namespace {

constexpr std::size_t textBytes = 2000;

/// What becomes of the attempt that is due or in hand, for a person.
std::string fateText(const std::string& fate)
{
    if (fate == "renewed")
        return "begins anew";
    if (fate == "revoked")
        return "begins anew; a result of the attempt in hand does not count any more";
    return "goes on as it is";
}

} // namespace

void MigrationView::note(Groups& groups, const std::string& what, const std::string& id)
{
    Group& group = groups[what];
    if (group.count++ == 0)
        group.example = id;
}

void MigrationView::add(simdjson::dom::element item)
{
    FieldErrors ignored;
    ObjectReader reader(item, "", ignored);
    const std::string id = reader.text("id", textBytes);
    if (!reader.boolean("moves").value_or(false)) {
        ++m_staying;
        return note(m_reasons, reader.text("reason", textBytes), id);
    }
    m_moving.push_back({id, reader.integerOr("version", 0)});
    const std::string from = reader.text("at_step", textBytes);
    const std::string to = reader.text("step", textBytes);
    note(m_moves, (from == to ? to : from + " → " + to) + ": " + fateText(reader.text("attempt", textBytes)),
        id);
    if (const auto passed = reader.array("passed_steps"))
        for (const auto element : *passed) {
            std::string_view step;
            if (element.get(step) == simdjson::SUCCESS)
                note(m_passed, std::string(step), id);
        }
    if (const auto changed = reader.array("changed_compensations"))
        for (const auto element : *changed) {
            ObjectReader change(element, "", ignored);
            const std::string step = change.text("step", textBytes);
            const std::string before = change.text("from", textBytes);
            const std::string after = change.text("to", textBytes);
            note(m_undone,
                step + ": " + (before.empty() ? "nothing" : before) + " → "
                    + (after.empty() ? "nothing" : after),
                id);
        }
}

void MigrationView::addLines(
    std::vector<std::string>& lines, const std::string& title, const Groups& groups, bool names)
{
    if (groups.empty())
        return;
    lines.push_back(title);
    for (const auto& [what, group] : groups)
        lines.push_back(printable("  " + std::to_string(group.count) + "  " + what
            + (names ? "  (" + group.example + ')' : std::string())));
}

std::vector<std::string> MigrationView::lines() const
{
    std::vector<std::string> lines;
    lines.push_back(std::to_string(m_moving.size() + m_staying) + " open orders: "
        + std::to_string(m_moving.size()) + " move, " + std::to_string(m_staying) + " stay.");
    addLines(lines, "Move:", m_moves, false);
    addLines(lines, "Are past these steps of the new version, and will never do them:", m_passed, false);
    addLines(lines, "Would be undone by something else:", m_undone, false);
    addLines(lines, "Stay:", m_reasons, true);
    return lines;
}

} // namespace gantry::console
