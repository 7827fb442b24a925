// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>
#include <QStringList>

namespace gantry::test {

/// Writes down the signals of a model in the sequence they come, one line each: `insert 3-5`, `data 2-2 x 0-4`, `remove 1-1`, `layout`,
/// `reset`. And keeps a copy of column `column` by those signals alone, so that a lie in them shows.
class ModelLog : public QObject {
public:
    ModelLog(QAbstractItemModel& model, int column, int role = Qt::DisplayRole);

    /// What came since the last call.
    QStringList take() { return std::exchange(m_lines, {}); }

    /// What a view would show that heard the signals and nothing else.
    [[nodiscard]] const QStringList& mirror() const { return m_mirror; }

    /// What the model says now.
    [[nodiscard]] QStringList present() const;

private:
    [[nodiscard]] QString text(int row) const;

    QAbstractItemModel& m_model;
    int m_column;
    int m_role;
    QStringList m_lines;
    QStringList m_mirror;
};

} // namespace gantry::test
