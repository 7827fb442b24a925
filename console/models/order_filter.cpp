// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_filter.h"

#include <algorithm>

namespace gantry::console {

bool OrderFilter::isEmpty() const
{
    return text.trimmed().isEmpty() && states.none() && step.isEmpty() && channel.isEmpty();
}

OrderMatcher::OrderMatcher(const OrderFilter& filter)
    : m_filter(filter)
    , m_words(filter.text.toCaseFolded().simplified().split(u' ', Qt::SkipEmptyParts))
{
}

bool OrderMatcher::operator()(const OrderRow& row) const
{
    if (m_filter.states.any() && !m_filter.states.test(static_cast<std::size_t>(row.state)))
        return false;
    if (!m_filter.step.isEmpty() && row.step != m_filter.step)
        return false;
    if (!m_filter.channel.isEmpty() && row.channel != m_filter.channel)
        return false;
    return std::ranges::all_of(m_words, [&](const QString& word) { return row.searchText.contains(word); });
}

} // namespace gantry::console
