// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/incident_index.h"

#include <algorithm>
#include <limits>

namespace gantry::engine {

namespace {

IncidentCause causeOf(const Order& order)
{
    return {order.incident->step, order.incident->code, order.compensating};
}

void addMoney(std::map<std::string, MoneyAtStake, std::less<>>& sums, const OrderSummary& summary)
{
    auto sum = sums.find(summary.currency.code());
    if (sum == sums.end())
        sum = sums.emplace(summary.currency.code(), MoneyAtStake{summary.currency, 0}).first;
    MinorUnits& total = sum->second.total;
    total = addChecked(total, summary.total).value_or(std::numeric_limits<MinorUnits>::max());
}

} // namespace

void IncidentIndex::add(const std::shared_ptr<const Order>& order)
{
    if (order->incident)
        m_byCause[causeOf(*order)].insert_or_assign(Key{order->incident->since, order->id}, order);
}

void IncidentIndex::remove(const Order& order)
{
    if (!order.incident)
        return;
    const auto group = m_byCause.find(causeOf(order));
    if (group == m_byCause.end())
        return;
    group->second.erase(Key{order.incident->since, order.id});
    if (group->second.empty())
        m_byCause.erase(group);
}

std::size_t IncidentIndex::countLike(const Order& order) const
{
    const auto found = order.incident ? m_byCause.find(causeOf(order)) : m_byCause.end();
    return found == m_byCause.end() ? 0 : found->second.size();
}

std::vector<IncidentGroup> IncidentIndex::groups(std::size_t limit) const
{
    using Entry = decltype(m_byCause)::value_type;
    std::vector<const Entry*> causes;
    causes.reserve(m_byCause.size());
    for (const Entry& entry : m_byCause)
        causes.push_back(&entry);
    std::stable_sort(causes.begin(), causes.end(),
        [](const Entry* a, const Entry* b) { return a->second.size() > b->second.size(); });
    causes.resize(std::min(causes.size(), limit));
    std::vector<IncidentGroup> groups;
    groups.reserve(causes.size());
    for (const Entry* entry : causes) {
        const auto& [cause, orders] = *entry;
        const Order& newest = *orders.rbegin()->second;
        IncidentGroup group{.cause = cause,
            .count = orders.size(),
            .firstSince = orders.begin()->first.first,
            .lastSince = newest.incident->since,
            .example = newest.id,
            .message = newest.incident->message};
        std::map<std::string, MoneyAtStake, std::less<>> sums;
        for (const auto& [key, order] : orders)
            addMoney(sums, *order->summary);
        for (const auto& [code, sum] : sums)
            group.atStake.push_back(sum);
        groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace gantry::engine
