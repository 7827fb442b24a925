// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/counter_rows.h"

#include "daemon/store/sqlite/statement.h"

namespace gantry::store {

Result<Counters> selectCounters(Connection& connection)
{
    Counters counters;
    Statement select(connection, "SELECT name, value FROM counter");
    while (select.next()) {
        const std::string_view name = select.text(0);
        const std::string_view rest = name.substr(name.find('/') + 1);
        if (name.starts_with("step/")) {
            if (select.integer(1) != 0)
                counters.openByStep.emplace(rest, select.integer(1));
        } else if (const auto state = stateFromName(rest)) {
            counters.byState[static_cast<std::size_t>(*state)] = select.integer(1);
        }
    }
    if (auto done = connection.check("reading the counters"); !done)
        return tl::unexpected(std::move(done.error()));
    return counters;
}

Result<std::vector<PartitionInfo>> selectPartitions(Connection& connection)
{
    std::vector<PartitionInfo> partitions;
    Statement select(connection,
        "SELECT partition, first_slot, last_slot, epoch, sequence FROM partition ORDER BY partition");
    while (select.next())
        partitions.push_back(
            {static_cast<std::uint32_t>(select.integer(0)), static_cast<Slot>(select.integer(1)),
                static_cast<Slot>(select.integer(2)), select.natural(3), select.natural(4)});
    if (auto done = connection.check("listing partitions"); !done)
        return tl::unexpected(std::move(done.error()));
    return partitions;
}

} // namespace gantry::store
