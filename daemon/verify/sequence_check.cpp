// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/sequence_check.h"

namespace gantry::verify {

namespace {

constexpr std::size_t eventsPerSlice = 1000;

/// Events that should stand in the log from `first` to `last`, and do not.
Finding missing(std::uint64_t first, std::uint64_t last)
{
    const bool isOne = first == last;
    const std::string which = isOne ? "event " + std::to_string(first)
                                    : "events " + std::to_string(first) + " to " + std::to_string(last);
    return {.check = "log",
        .sequence = first,
        .expected = which,
        .found = "nothing",
        .message = "The log has a gap: " + which + (isOne ? " is missing." : " are missing.")};
}

} // namespace

SequenceCheck::SequenceCheck(const store::VerifyStart& start)
    : m_logs(start.logs.rbegin(), start.logs.rend())
{
}

Result<bool> SequenceCheck::next(store::VerifyReader& reader, Report& report)
{
    if (m_logs.empty())
        return false;
    const store::VerifyStart::Log log = m_logs.back();
    const auto places = reader.log(log.partition.partition, m_seen, log.partition.sequence, eventsPerSlice);
    if (!places)
        return tl::unexpected(places.error());
    for (const store::RawPlace& place : *places)
        look(place, report);
    if (places->size() == eventsPerSlice)
        return true;
    finish(log, report);
    m_logs.pop_back();
    m_seen = 0;
    return !m_logs.empty();
}

void SequenceCheck::look(const store::RawPlace& place, Report& report)
{
    if (place.sequence != m_seen + 1)
        report.add(missing(m_seen + 1, place.sequence - 1));
    m_seen = place.sequence;
    if (place.hasOrder)
        return;
    report.add({.check = "log",
        .order = place.order,
        .version = place.version,
        .sequence = place.sequence,
        .expected = "an event of an order that is stored",
        .found = "no such order",
        .message = "Event " + std::to_string(place.sequence) + " of the log tells of order "
            + place.order.text() + ", which is not stored."});
}

void SequenceCheck::finish(const store::VerifyStart::Log& log, Report& report)
{
    const std::uint64_t last = log.partition.sequence;
    if (m_seen < last)
        report.add(missing(m_seen + 1, last));
    if (log.newest > last)
        report.add({.check = "log",
            .sequence = last + 1,
            .expected = "no event after " + std::to_string(last),
            .found = "event " + std::to_string(log.newest),
            .message = "The log goes on to event " + std::to_string(log.newest) + ", and partition "
                + std::to_string(log.partition.partition) + " ends at " + std::to_string(last) + '.'});
}

} // namespace gantry::verify
