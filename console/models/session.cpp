// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/session.h"

#include "console/models/situation.h"
#include "console/models/while_alive.h"
#include "console/models/wording.h"

namespace gantry::console {

Session::Session(
    Link& link, const Clock& clock, Profile profile, std::function<std::string()> makeKey, QObject* parent)
    : QObject(parent)
    , m_link(link)
    , m_clock(clock)
    , m_profile(std::move(profile))
    , m_role(roleFromName(m_profile.role).value_or(Role::Viewer))
    , m_makeKey(std::move(makeKey))
    , m_orders(clock)
    , m_list(m_orders)
    , m_closed(link, clock)
    , m_detail(link, m_orders, clock)
    , m_throughput(clock.now())
{
    connect(&link, &Link::replicaChanged, this, &Session::onReplica);
    connect(&link, &Link::statusChanged, this, &Session::onStatus);
    connect(&m_timer, &QTimer::timeout, this, &Session::tick);
    m_timer.setInterval(std::chrono::seconds(1));
}

void Session::onReplica(const std::shared_ptr<const ReplicaChange>& change)
{
    m_hasData = m_hasData || change->reset;
    m_orders.applyChange(*change);
    m_detail.applyChange(*change);
    if (!change->reset)
        m_throughput.add(change->receivedCount, change->closedCount, m_clock.now());
    m_isOutOfDate = true;
    Q_EMIT countsChanged();
}

void Session::onStatus()
{
    if (isLive()) {
        m_throughput.clear(m_clock.now()); // nobody knows how much happened when, meanwhile
        readCounters();
        m_detail.reload();
    }
    Q_EMIT linkChanged();
}

void Session::tick()
{
    // While it is not live, ages and rates stand as what they belong to does.
    if (isLive()) {
        m_orders.tick();
        m_closed.orders().tick();
        m_detail.tick();
        m_throughput.advance(m_clock.now());
        if (m_isOutOfDate)
            readCounters();
    }
    Q_EMIT ticked();
}

void Session::readCounters()
{
    if (m_isReading)
        return;
    m_isReading = true;
    m_isOutOfDate = false;
    m_link.call(getStatsCall(), whileAlive(this, [this](const Result<ApiAnswer>& answer) {
        m_isReading = false;
        const bool isGood = answer && !refusalIn(*answer);
        auto stats = isGood ? readStats(answer->body)
                            : Result<DaemonStats>(failure(ErrorCode::Unavailable, "No counters came."));
        if (!stats) {
            m_isOutOfDate = true; // the next tick tries again
            return;
        }
        m_stats = std::move(*stats);
        m_hasStats = true;
        Q_EMIT countsChanged();
    }));
}

StateCounts Session::counts() const
{
    StateCounts counts{m_orders.countsByState()};
    for (const OrderState state : {OrderState::Completed, OrderState::Canceled})
        counts.byState[static_cast<std::size_t>(state)] = m_stats.counts[state];
    return counts;
}

std::unique_ptr<ActionRun> Session::planAction(
    Action action, const std::vector<std::shared_ptr<const Order>>& orders, const std::string& holdId)
{
    std::vector<ActionRun::Item> items;
    for (const auto& order : orders)
        if (isPossible(action, *order) && isPermitted(action, order->step, m_role))
            items.push_back({{.order = order->id,
                                 .version = order->version,
                                 .action = action,
                                 .step = order->step.name,
                                 .reason = {},
                                 .holdId = holdId,
                                 .key = m_makeKey()},
                toText(order->summary->externalId), situationOf(*order, now())});
    return std::make_unique<ActionRun>(m_link, std::move(items));
}

} // namespace gantry::console
