// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/event_encoder.h"

#include "shared/protocol/bus_messages.h"

namespace gantry::bus {

void EventEncoder::add(const engine::CommittedBatch& batch)
{
    for (const LoggedEvent& event : batch.events) {
        const bool continues = m_count > 0 && batch.partition == m_partition && batch.epoch == m_epoch
            && event.sequence == m_last + 1;
        if (!continues) {
            flush();
            begin(batch, event.sequence);
        }
        writeEvent(m_json, event);
        m_last = event.sequence;
        ++m_count;
        if (m_json.text().size() >= eventMessageBytes)
            flush();
    }
}

void EventEncoder::flush()
{
    if (m_count == 0)
        return;
    m_json.endArray().member("last", m_last).endObject();
    m_sink(m_partition, m_json.text(), m_count);
    m_json.clear();
    m_count = 0;
}

void EventEncoder::begin(const engine::CommittedBatch& batch, std::uint64_t first)
{
    m_partition = batch.partition;
    m_epoch = batch.epoch;
    m_json.beginObject()
        .member("partition", m_partition)
        .member("epoch", m_epoch)
        .member("first", first)
        .key("events")
        .beginArray();
}

} // namespace gantry::bus
