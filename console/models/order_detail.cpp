// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_detail.h"

#include "console/models/while_alive.h"

namespace gantry::console {

namespace {

constexpr std::chrono::seconds reasonIsGoodFor{5}; ///< what others do, and ages, change without the order

}

OrderDetail::OrderDetail(Link& link, const OrderTableModel& orders, const Clock& clock, QObject* parent)
    : QObject(parent)
    , m_link(link)
    , m_orders(orders)
    , m_clock(clock)
    , m_timeline(clock)
{
}

void OrderDetail::show(std::shared_ptr<const Order> order)
{
    const bool isAnother = !m_order || m_order->id != order->id;
    if (!isAnother && m_phase != Phase::Failed) {
        setOrder(std::move(order));
        return;
    }
    m_order = std::move(order);
    m_document.reset();
    m_json.clear();
    m_reason.reset();
    m_timeline.setEvents({});
    load();
    Q_EMIT orderSwitched();
    Q_EMIT orderChanged();
}

void OrderDetail::clear()
{
    if (!m_order)
        return;
    ++m_round;
    m_order.reset();
    m_document.reset();
    m_json.clear();
    m_reason.reset();
    m_timeline.setEvents({});
    m_phase = Phase::Empty;
    Q_EMIT orderSwitched();
    Q_EMIT orderChanged();
    Q_EMIT contentChanged();
}

void OrderDetail::reload()
{
    if (m_order)
        load();
}

void OrderDetail::load()
{
    ++m_round;
    m_isLoadingEvents = false;
    if (!m_document)
        m_phase = Phase::Loading;
    m_link.call(
        getOrderCall(m_order->id), whileAlive(this, [this, round = m_round](const Result<ApiAnswer>& answer) {
            if (m_round == round)
                onDetails(answer);
        }));
    loadEvents();
    askReason();
    Q_EMIT contentChanged();
}

void OrderDetail::tick()
{
    if (m_order && m_clock.now() - m_reasonAskedAt >= reasonIsGoodFor)
        askReason();
}

void OrderDetail::askReason()
{
    if (m_order->outcome != Outcome::Open)
        return;
    m_reasonAskedAt = m_clock.now();
    m_link.call(getWaitingCall(m_order->id),
        whileAlive(
            this, [this, id = m_order->id, version = m_order->version](const Result<ApiAnswer>& answer) {
                if (m_order && m_order->id == id && m_order->version == version)
                    onReason(answer);
            }));
}

/// Without a good answer the console's own words stand.
void OrderDetail::onReason(const Result<ApiAnswer>& answer)
{
    auto reason = answer ? readWaiting(*answer) : Result<WaitingReason>(tl::unexpected(answer.error()));
    if (!reason)
        return;
    m_reason = std::move(*reason);
    Q_EMIT reasonChanged();
}

void OrderDetail::loadEvents()
{
    if (m_isLoadingEvents)
        return;
    m_isLoadingEvents = true;
    m_link.call(getEventsCall(m_order->id, m_timeline.lastVersion()),
        whileAlive(this, [this, round = m_round](const Result<ApiAnswer>& answer) {
            if (m_round == round)
                onEvents(answer);
        }));
}

void OrderDetail::onDetails(const Result<ApiAnswer>& answer)
{
    auto details = answer ? readDetails(*answer) : Result<OrderDetails>(tl::unexpected(answer.error()));
    if (!details) {
        fail(details.error());
        return;
    }
    m_document = std::move(details->document);
    m_json = std::move(details->json);
    m_phase = Phase::Ready;
    Q_EMIT contentChanged();
    setOrder(std::make_shared<const Order>(std::move(details->order)));
}

void OrderDetail::onEvents(const Result<ApiAnswer>& answer)
{
    m_isLoadingEvents = false;
    const auto events =
        answer ? readEvents(*answer) : Result<std::vector<Event>>(tl::unexpected(answer.error()));
    if (!events) {
        fail(events.error());
        return;
    }
    const std::uint32_t before = m_timeline.lastVersion();
    m_timeline.append(*events);
    // The order may have gone on meanwhile. An answer that brought nothing ends it: asking again would bring the same.
    if (m_timeline.lastVersion() > before && (isBehind() || events->size() == eventsPerPage))
        loadEvents();
}

void OrderDetail::fail(const Error& error)
{
    m_failure = explainFailure(error);
    m_phase = Phase::Failed;
    Q_EMIT contentChanged();
}

/// Never goes back: an answer of the daemon may be older than what the replica knows already.
void OrderDetail::setOrder(std::shared_ptr<const Order> order)
{
    if (order->version < m_order->version || *order == *m_order)
        return;
    m_order = std::move(order);
    m_reason.reset();
    askReason();
    Q_EMIT orderChanged();
    if (isBehind())
        loadEvents();
}

bool OrderDetail::isBehind() const
{
    return m_timeline.lastVersion() < m_order->version;
}

void OrderDetail::applyChange(const ReplicaChange& change)
{
    if (!m_order)
        return;
    std::vector<Event> events;
    for (const LoggedEvent& logged : change.events)
        if (logged.order == m_order->id)
            events.push_back(logged.event);
    // A gap is no matter: the order's own version, below, tells what is missing.
    if (!m_isLoadingEvents && m_timeline.lastVersion() > 0)
        m_timeline.append(events);
    if (const OrderRowPtr row = m_orders.find(m_order->id))
        setOrder(row->order);
    else if (m_order->outcome == Outcome::Open)
        load();
}

} // namespace gantry::console
