// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <QVBoxLayout>
#include <QWidget>
#include <vector>

namespace gantry::console {

/// The holds of an order, each with who, why, since when and a button to release it.
class HoldsView : public QWidget {
    Q_OBJECT
public:
    explicit HoldsView(QWidget* parent = nullptr);

    void setHolds(const std::vector<Hold>& holds, Timestamp now, bool canRelease);

Q_SIGNALS:
    void releaseRequested(const QString& holdId);

private:
    QWidget* makeHold(const Hold& hold, Timestamp now, bool canRelease);

    QVBoxLayout* m_layout = nullptr;
    QWidget* m_content = nullptr;
    std::vector<Hold> m_holds;
    bool m_canRelease = false;
    std::int64_t m_minute = -1; ///< that the ages were told in
};

} // namespace gantry::console
