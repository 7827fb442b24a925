// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/messages.h"
#include "shared/protocol/json_writer.h"

#include <cstdint>
#include <functional>
#include <string_view>

namespace gantry::bus {

/// Where an encoded event message goes: its partition, its JSON (valid during the call), and how many events it holds.
using EventSink = std::function<void(std::uint32_t partition, std::string_view json, std::size_t events)>;

/// Puts committed batches into event messages: batches that follow each other share one, and one ends at 256 KiB. Keeps its buffer. One thread.
class EventEncoder {
public:
    explicit EventEncoder(EventSink sink)
        : m_sink(std::move(sink))
    {
    }

    /// Adds a batch; sends what is full.
    void add(const engine::CommittedBatch& batch);

    /// Sends the rest.
    void flush();

private:
    void begin(const engine::CommittedBatch& batch, std::uint64_t first);

    EventSink m_sink;
    JsonWriter m_json;
    std::uint32_t m_partition = 0;
    std::uint64_t m_epoch = 0;
    std::uint64_t m_last = 0;
    std::size_t m_count = 0; ///< events in the open message; 0: none is open
};

} // namespace gantry::bus
