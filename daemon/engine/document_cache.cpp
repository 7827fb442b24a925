// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/document_cache.h"

namespace gantry::engine {

std::size_t DocumentCache::costOf(const Entry& entry)
{
    constexpr std::size_t overhead = 160; // the two nodes, the text's own block
    return entry.document->size() + overhead;
}

DocumentCache::Document DocumentCache::find(const OrderId& order)
{
    const auto found = m_byOrder.find(order);
    if (found == m_byOrder.end())
        return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    return found->second->document;
}

void DocumentCache::put(const OrderId& order, Document document)
{
    erase(order);
    m_entries.push_front({order, std::move(document)});
    m_byOrder.emplace(order, m_entries.begin());
    m_bytes += costOf(m_entries.front());
    while (m_bytes > m_maxBytes && !m_entries.empty()) {
        const OrderId oldest = m_entries.back().order;
        erase(oldest);
    }
}

void DocumentCache::erase(const OrderId& order)
{
    const auto found = m_byOrder.find(order);
    if (found == m_byOrder.end())
        return;
    m_bytes -= costOf(*found->second);
    m_entries.erase(found->second);
    m_byOrder.erase(found);
}

} // namespace gantry::engine
