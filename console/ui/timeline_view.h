// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/timeline_model.h"

#include <QListView>
#include <QStyledItemDelegate>

namespace gantry::console {

/// Paints an event: a rail with its icon, what happened, when and by whom, and the details under it.
class TimelineDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(
        QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// The history of one order. Follows new events while its end is in sight.
class TimelineView : public QListView {
    Q_OBJECT
public:
    /// `model` must outlive it.
    explicit TimelineView(TimelineModel& model, QWidget* parent = nullptr);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    TimelineModel& m_timeline;
    bool m_followsEnd = true;
};

} // namespace gantry::console
