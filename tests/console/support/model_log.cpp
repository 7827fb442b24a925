// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/console/support/model_log.h"

namespace gantry::test {

using namespace Qt::StringLiterals;

ModelLog::ModelLog(QAbstractItemModel& model, int column, int role)
    : m_model(model)
    , m_column(column)
    , m_role(role)
    , m_mirror(present())
{
    connect(&model, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex&, int first, int last) {
        m_lines << u"insert %1-%2"_s.arg(first).arg(last);
        for (int row = first; row <= last; ++row)
            m_mirror.insert(row, text(row));
    });
    connect(&model, &QAbstractItemModel::rowsRemoved, this, [this](const QModelIndex&, int first, int last) {
        m_lines << u"remove %1-%2"_s.arg(first).arg(last);
        m_mirror.remove(first, last - first + 1);
    });
    connect(&model, &QAbstractItemModel::dataChanged, this,
        [this](const QModelIndex& topLeft, const QModelIndex& bottomRight) {
            m_lines << u"data %1-%2 x %3-%4"_s.arg(topLeft.row())
                           .arg(bottomRight.row())
                           .arg(topLeft.column())
                           .arg(bottomRight.column());
            if (topLeft.column() <= m_column && m_column <= bottomRight.column())
                for (int row = topLeft.row(); row <= bottomRight.row(); ++row)
                    m_mirror[row] = text(row);
        });
    connect(&model, &QAbstractItemModel::layoutChanged, this, [this] {
        m_lines << u"layout"_s;
        m_mirror = present();
    });
    connect(&model, &QAbstractItemModel::modelReset, this, [this] {
        m_lines << u"reset"_s;
        m_mirror = present();
    });
}

QStringList ModelLog::present() const
{
    QStringList texts;
    for (int row = 0; row < m_model.rowCount(); ++row)
        texts << text(row);
    return texts;
}

QString ModelLog::text(int row) const
{
    return m_model.index(row, m_column).data(m_role).toString();
}

} // namespace gantry::test
