// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/closed_search.h"

#include "console/models/while_alive.h"

#include <algorithm>

namespace gantry::console {

ClosedSearch::ClosedSearch(Link& link, const Clock& clock, QObject* parent)
    : QObject(parent)
    , m_link(link)
    , m_orders(clock)
    , m_list(m_orders)
{
    m_list.sort(indexOf(OrderColumn::Age), Qt::AscendingOrder);
}

void ClosedSearch::search(OrderState state, const QString& text)
{
    m_query = {.state = state, .text = text.trimmed().toStdString()};
    ask(true);
}

void ClosedSearch::again()
{
    m_query.cursor.clear();
    ask(true);
}

void ClosedSearch::more()
{
    if (hasMore() && m_phase != Phase::Loading)
        ask(false);
}

void ClosedSearch::ask(bool isFirst)
{
    m_phase = Phase::Loading;
    m_link.call(listOrdersCall(m_query),
        whileAlive(this, [this, round = ++m_round, isFirst](const Result<ApiAnswer>& answer) {
            if (m_round == round)
                onAnswer(answer, isFirst);
        }));
    Q_EMIT phaseChanged();
}

void ClosedSearch::onAnswer(const Result<ApiAnswer>& answer, bool isFirst)
{
    auto page = answer ? readPage(*answer) : Result<OrderPage>(tl::unexpected(answer.error()));
    if (!page) {
        m_failure = explainFailure(page.error());
        m_phase = Phase::Failed;
        Q_EMIT phaseChanged();
        return;
    }
    ReplicaChange change;
    change.reset = isFirst;
    change.changed = std::move(page->orders);
    std::ranges::sort(change.changed, {}, [](const auto& order) { return order->id; });
    m_query.cursor = page->nextCursor;
    m_orders.applyChange(change);
    m_phase = Phase::Ready;
    Q_EMIT phaseChanged();
}

} // namespace gantry::console
