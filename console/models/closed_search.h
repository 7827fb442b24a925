// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/link.h"
#include "console/models/order_api.h"
#include "console/models/order_filter_model.h"
#include "console/models/order_table_model.h"

#include <QObject>

namespace gantry::console {

/// Orders that have ended, looked up in the daemon page by page, newest first, and listed by the same models as the open ones.
class ClosedSearch : public QObject {
    Q_OBJECT
public:
    enum class Phase { Idle, Loading, Ready, Failed };

    /// `link` and `clock` must outlive it.
    ClosedSearch(Link& link, const Clock& clock, QObject* parent = nullptr);

    /// Begins anew with the first page.
    void search(OrderState state, const QString& text);

    /// Reads the next page, if there is one.
    void more();

    /// Begins anew with the same question.
    void again();

    [[nodiscard]] Phase phase() const { return m_phase; }
    [[nodiscard]] OrderState state() const { return m_query.state; }
    [[nodiscard]] bool hasMore() const { return !m_query.cursor.empty(); }
    [[nodiscard]] const QString& failure() const { return m_failure; } ///< in words, when Failed
    [[nodiscard]] OrderTableModel& orders() { return m_orders; }
    [[nodiscard]] OrderFilterModel& list() { return m_list; }

Q_SIGNALS:
    void phaseChanged();

private:
    void ask(bool isFirst);
    void onAnswer(const Result<ApiAnswer>& answer, bool isFirst);

    Link& m_link;
    OrderTableModel m_orders;
    OrderFilterModel m_list;
    OrderQuery m_query;
    Phase m_phase = Phase::Idle;
    QString m_failure;
    std::uint64_t m_round = 0;
};

} // namespace gantry::console
