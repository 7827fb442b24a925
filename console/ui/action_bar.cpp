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

struct Place {
    Action action;
    int row;
    int column;
};

// Row by row: what mends, then what stops. At an approval, its answers stand where others have nothing to offer.
constexpr std::array<Place, allActions.size()> places{
    {{Action::Retry, 0, 0}, {Action::Reject, 0, 0}, {Action::Complete, 0, 1}, {Action::Approve, 0, 1},
        {Action::Override, 0, 2}, {Action::Hold, 1, 0}, {Action::Release, 1, 1}, {Action::Cancel, 1, 2}}};

bool isApprovals(Action action)
{
    return action == Action::Approve || action == Action::Reject;
}

bool yieldsToApprovals(Action action)
{
    return action == Action::Retry || action == Action::Complete;
}

/// Whether all of them wait for an approval.
bool awaitApproval(const std::vector<std::shared_ptr<const Order>>& orders)
{
    return !orders.empty() && std::ranges::all_of(orders, [](const auto& order) {
        return order->outcome == Outcome::Open && order->step.isApproval() && !order->incident;
    });
}

/// The action that helps most where the order stands, if one does.
std::optional<Action> primaryOf(const Order& order)
{
    if (order.incident)
        return Action::Retry;
    if (!order.holds.empty())
        return Action::Release;
    if (order.step.performer == Performer::Person)
        return order.step.isApproval() ? Action::Approve : Action::Complete;
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
    case Action::Approve: return Qt::Key_A;
    case Action::Reject: return Qt::Key_N;
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
    for (const auto& [action, row, column] : places) {
        auto* button = new QPushButton(this);
        button->setText(QStringLiteral("%1  %2").arg(shortWord(action), actionKey(action).toString()));
        button->setAutoDefault(false);
        button->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        m_buttons[static_cast<std::size_t>(action)] = button;
        layout->addWidget(button, row, column);
        connect(button, &QPushButton::clicked, this,
            [this, chosenAction = action] { Q_EMIT chosen(chosenAction); });
    }
    setOrders({}, Role::Viewer, {});
}

void ActionBar::setOrders(
    const std::vector<std::shared_ptr<const Order>>& orders, Role role, const QString& blocked)
{
    const auto primary = orders.size() == 1 ? primaryOf(*orders.front()) : std::nullopt;
    const Theme theme = Theme::current();
    const bool isApproval = awaitApproval(orders);
    for (const Action action : allActions) {
        QPushButton& each = button(action);
        if (isApprovals(action) || yieldsToApprovals(action))
            each.setVisible(isApprovals(action) == isApproval);
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
