// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/json_reader.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gantry::console {

/// What would become of the open orders on a version of a workflow, order by order as the daemon tells it, and in sum. Keeps of each order that moves its
/// id and version, of the others one example a reason.
class MigrationView {
public:
    /// An order that moves, at the version that it was planned at.
    struct Planned {
        std::string id;
        std::int64_t version = 0;
    };

    /// One more order, an item of the daemon's plan.
    void add(simdjson::dom::element item);

    [[nodiscard]] const std::vector<Planned>& moving() const noexcept { return m_moving; }
    [[nodiscard]] std::size_t staying() const noexcept { return m_staying; }

    /// The sums for a person, line by line, printable.
    [[nodiscard]] std::vector<std::string> lines() const;

private:
    struct Group {
        std::size_t count = 0;
        std::string example; ///< an order's id
    };
    using Groups = std::map<std::string, Group>;

    static void note(Groups& groups, const std::string& what, const std::string& id);
    static void addLines(
        std::vector<std::string>& lines, const std::string& title, const Groups& groups, bool names);

    std::vector<Planned> m_moving;
    std::size_t m_staying = 0;
    Groups m_moves; ///< from where to where, and what becomes of the attempt
    Groups m_passed; ///< steps that these orders will never do
    Groups m_undone; ///< compensations that change
    Groups m_reasons; ///< why orders stay
};

} // namespace gantry::console
