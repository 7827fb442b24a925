// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <QAbstractButton>
#include <optional>

namespace gantry::console {

/// One counter: icon, word and number, checkable.
class CounterTile : public QAbstractButton {
    Q_OBJECT
public:
    /// Without a state: all open orders.
    explicit CounterTile(std::optional<OrderState> state, QWidget* parent = nullptr);

    /// Empty: not known yet.
    void setCount(std::optional<std::uint64_t> count);
    [[nodiscard]] std::optional<std::uint64_t> count() const { return m_count; }

    /// Numbers that are not of the present are muted.
    void setLive(bool live);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QFont numberFont() const;
    [[nodiscard]] QString numberText() const;

    std::optional<OrderState> m_state;
    std::optional<std::uint64_t> m_count;
    bool m_isLive = true;
};

} // namespace gantry::console
