// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/action_bar.h"

#include "console/models/situation.h"
#include "console/models/wording.h"
#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QGridLayout>
#include <QStyle>
#include <algorithm>

namespace gantry::console {

namespace {

// Row by row: what mends, then what stops.
constexpr std::array<Action, allActions.size()> places{
    Action::Retry, Action::Complete, Action::Override, Action::Hold, Action::Release, Action::Cancel};

/// The action that helps most where the order stands, if one does.
std::optional<Action> primaryOf(const Order& order)
{
    if (order.incident)
        return Action::Retry;
    if (!order.holds.empty())
        return Action::Release;
    if (order.step.performer == Performer::Person)
        return Action::Complete;
    return std::nullopt;
}

/// Beside the other buttons "Cancel" can mean nothing but the order.
QString shortWord(Action action)
{
    return action == Action::Cancel ? ActionBar::tr("Cancel") : actionWord(action);
}

void setPrimary(QPushButton& button, bool primary)
{
    if (button.property("primary").toBool() == primary)
        return;
    button.setProperty("primary", primary);
    button.style()->unpolish(&button);
    button.style()->polish(&button);
}

} // namespace

QKeySequence actionKey(Action action)
{
    switch (action) {
    case Action::Retry: return Qt::Key_R;
    case Action::Hold: return Qt::Key_H;
    case Action::Release: return Qt::Key_L;
    case Action::Cancel: return Qt::Key_X;
    case Action::Override: return Qt::Key_O;
    case Action::Complete: return Qt::Key_C;
    }
    return {};
}

ActionBar::ActionBar(QWidget* parent)
    : QWidget(parent)
{
    auto* layout = new QGridLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(gridUnit);
    for (const int column : {0, 1, 2})
        layout->setColumnStretch(column, 1);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Action action = places[i];
        auto* button = new QPushButton(this);
        button->setText(QStringLiteral("%1  %2").arg(shortWord(action), actionKey(action).toString()));
        button->setAutoDefault(false);
        button->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        m_buttons[static_cast<std::size_t>(action)] = button;
        layout->addWidget(button, static_cast<int>(i) / 3, static_cast<int>(i) % 3);
        connect(button, &QPushButton::clicked, this, [this, action] { Q_EMIT chosen(action); });
    }
    setOrders({}, Role::Viewer, {});
}

void ActionBar::setOrders(
    const std::vector<std::shared_ptr<const Order>>& orders, Role role, const QString& blocked)
{
    const auto primary = orders.size() == 1 ? primaryOf(*orders.front()) : std::nullopt;
    const Theme theme = Theme::current();
    for (const Action action : allActions) {
        QPushButton& each = button(action);
        const auto refuses = [&](const auto& order) { return !refusalOf(action, *order, role).isEmpty(); };
        const bool allowed = blocked.isEmpty() && !std::ranges::all_of(orders, refuses);
        each.setEnabled(allowed);
        setPrimary(each, allowed && primary == action);
        each.setIcon(tintedIcon(
            actionIconName(action), allowed && primary == action ? theme.onAccent() : theme.text()));
        if (!blocked.isEmpty())
            each.setToolTip(blocked);
        else if (orders.size() == 1)
            each.setToolTip(
                allowed ? consequenceOf(action, *orders.front()) : refusalOf(action, *orders.front(), role));
        else
            each.setToolTip(allowed ? QString() : tr("None of the chosen orders allows it now."));
    }
}

} // namespace gantry::console
