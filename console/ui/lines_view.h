// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/lines_model.h"

#include <QLabel>
#include <QTableView>
#include <QWidget>
#include <array>

namespace gantry::console {

/// The lines of an order and the sum that they add up to.
class LinesView : public QWidget {
    Q_OBJECT
public:
    explicit LinesView(QWidget* parent = nullptr);

    void setDocument(const OrderDocument& document);

private:
    LinesModel m_model;
    QTableView* m_table = nullptr;
    QLabel* m_words = nullptr;
    QLabel* m_amounts = nullptr;
};

} // namespace gantry::console
