// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/state_counts.h"
#include "console/ui/counter_tile.h"

#include <QWidget>
#include <array>
#include <bitset>

namespace gantry::console {

/// How many orders are in each state, each a button that filters by it. Open states may be combined with Ctrl or Shift; an ended state
/// stands alone, since such orders are looked up in the daemon.
class CounterBar : public QWidget {
    Q_OBJECT
public:
    using States = std::bitset<orderStateCount>;

    explicit CounterBar(QWidget* parent = nullptr);

    /// `hasOpen`, `hasClosed`: whether those counts are known; what is not shows as a dash.
    void setCounts(const StateCounts& counts, bool hasOpen, bool hasClosed);

    /// Whether the counts are of the present; else they are shown muted.
    void setLive(bool live);

    /// Shows which states are chosen, without telling it.
    void setStates(States states);

    /// Chooses exactly these, or all if they are chosen already, and tells so as a click does.
    void toggle(States states);
    [[nodiscard]] States states() const { return m_states; }

    [[nodiscard]] CounterTile& tile(OrderState state) const;

Q_SIGNALS:
    /// None means all open orders.
    void statesChosen(std::bitset<gantry::orderStateCount> states);

private:
    void choose(OrderState state);

    CounterTile* m_all = nullptr;
    std::array<CounterTile*, orderStateCount> m_tiles{};
    States m_states;
};

} // namespace gantry::console
