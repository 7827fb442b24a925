// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/counter_bar.h"

#include "console/models/order_columns.h"
#include "console/ui/theme.h"

#include <QApplication>
#include <QHBoxLayout>

namespace gantry::console {

namespace {

// What needs a person first, like the list's own sequence.
constexpr std::array<OrderState, orderStateCount> sequence{OrderState::CompensationFailed, OrderState::Failed,
    OrderState::Waiting, OrderState::Running, OrderState::Received, OrderState::Compensating,
    OrderState::Completed, OrderState::Canceled};

QString hintFor(OrderState state)
{
    return isFinal(state) ? CounterBar::tr("Looks such orders up in the daemon")
                          : CounterBar::tr("Shows these orders only. Ctrl+click adds or takes away a state.");
}

} // namespace

CounterBar::CounterBar(QWidget* parent)
    : QWidget(parent)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    m_all = new CounterTile(std::nullopt, this);
    m_all->setToolTip(tr("Shows all open orders"));
    m_all->setChecked(true);
    layout->addWidget(m_all);
    connect(m_all, &QAbstractButton::clicked, this, [this] {
        setStates({});
        Q_EMIT statesChosen(m_states);
    });
    for (const OrderState state : sequence) {
        auto* tile = new CounterTile(state, this);
        tile->setToolTip(hintFor(state));
        m_tiles[static_cast<std::size_t>(state)] = tile;
        if (state == OrderState::Completed)
            layout->addSpacing(gridUnit);
        layout->addWidget(tile);
        connect(tile, &QAbstractButton::clicked, this, [this, state] { choose(state); });
    }
}

void CounterBar::choose(OrderState state)
{
    const auto at = static_cast<std::size_t>(state);
    const bool adds = QApplication::keyboardModifiers() & (Qt::ControlModifier | Qt::ShiftModifier);
    const bool wasAlone = m_states.count() == 1 && m_states.test(at);
    States states = m_states;
    if (adds && !isFinal(state)) {
        states.reset(static_cast<std::size_t>(OrderState::Completed));
        states.reset(static_cast<std::size_t>(OrderState::Canceled));
        states.flip(at);
    } else {
        states.reset();
        states.set(at, !wasAlone);
    }
    setStates(states);
    Q_EMIT statesChosen(m_states);
}

void CounterBar::toggle(States states)
{
    setStates(m_states == states ? States() : states);
    Q_EMIT statesChosen(m_states);
}

void CounterBar::setStates(States states)
{
    m_states = states;
    m_all->setChecked(states.none());
    for (std::size_t i = 0; i < m_tiles.size(); ++i)
        m_tiles[i]->setChecked(states.test(i));
}

void CounterBar::setCounts(const StateCounts& counts, bool hasOpen, bool hasClosed)
{
    const auto known = [](std::uint64_t count, bool isKnown) {
        return isKnown ? std::optional(count) : std::nullopt;
    };
    m_all->setCount(known(counts.open(), hasOpen));
    for (std::size_t i = 0; i < m_tiles.size(); ++i)
        m_tiles[i]->setCount(
            known(counts.byState[i], isFinal(static_cast<OrderState>(i)) ? hasClosed : hasOpen));
}

void CounterBar::setLive(bool live)
{
    m_all->setLive(live);
    for (CounterTile* tile : m_tiles)
        tile->setLive(live);
}

CounterTile& CounterBar::tile(OrderState state) const
{
    return *m_tiles[static_cast<std::size_t>(state)];
}

} // namespace gantry::console
