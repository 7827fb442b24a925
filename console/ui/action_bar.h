// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/actions.h"

#include <QKeySequence>
#include <QPushButton>
#include <QWidget>
#include <array>
#include <memory>
#include <vector>

namespace gantry::console {

/// The key that stands for an action everywhere in the console.
QKeySequence actionKey(Action action);

/// One button for each action, always at the same place: enabled if the action is allowed on at least one of the orders, else its tooltip
/// says why not.
class ActionBar : public QWidget {
    Q_OBJECT
public:
    explicit ActionBar(QWidget* parent = nullptr);

    /// `blocked`: why nothing may be done now, whatever the orders; empty if nothing is in the way.
    void setOrders(
        const std::vector<std::shared_ptr<const Order>>& orders, Role role, const QString& blocked);

    [[nodiscard]] QPushButton& button(Action action) const
    {
        return *m_buttons[static_cast<std::size_t>(action)];
    }

Q_SIGNALS:
    void chosen(gantry::Action action);

private:
    std::array<QPushButton*, allActions.size()> m_buttons{};
};

} // namespace gantry::console
