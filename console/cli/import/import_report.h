// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/money.h"
#include "shared/protocol/json_writer.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gantry::console {

/// Something that was read and could not be taken: where, what and why.
struct Rejection {
    std::string file; ///< name of the file, without its folder
    std::uint64_t line = 0; ///< from 1
    std::string id; ///< the order, or what else the row names itself by; may be empty
    std::string reason; ///< snake_case, counted by
    std::string detail; ///< one sentence
    std::string
        rows{}; ///< of an order: its rows in other files, for people; each is a rejection of its own, too
};

/// The reason of rows that are rejected for nothing but their order's sake.
constexpr std::string_view orderRejected = "order_rejected";

/// A rejection as one JSON object; and as one printable line, `file:line: …`.
std::string rejectionJson(const Rejection& rejection);
std::string rejectionText(const Rejection& rejection);

/// What was read from one file. Rows read = used + unused + rejected, once all is settled.
struct FileCounts {
    std::uint64_t rows = 0; ///< without the header
    std::uint64_t used = 0; ///< went into an order that was sent; of look-up tables: some order asked for it
    std::uint64_t unused = 0; ///< of look-up tables: sound, but no order asked for it
    std::uint64_t rejected = 0;
    std::map<std::string, std::uint64_t, std::less<>> reasons;
    bool operator==(const FileCounts&) const = default;
};

/// What became of the orders. Read = accepted + replayed + rejected + undecided.
struct OrderCounts {
    std::uint64_t read = 0;
    std::uint64_t accepted = 0; ///< new to the daemon, on its disk
    std::uint64_t replayed = 0; ///< the daemon had them already, the same
    std::uint64_t rejected = 0; ///< by the importer or by the daemon
    std::map<std::string, std::uint64_t, std::less<>> reasons;
    [[nodiscard]] std::uint64_t undecided() const noexcept { return read - accepted - replayed - rejected; }
    bool operator==(const OrderCounts&) const = default;
};

/// Keeps the books of an import: nothing that was read may go missing in it.
class ImportReport {
public:
    /// `tell`: gets every rejection as it comes.
    explicit ImportReport(std::function<void(const Rejection&)> tell = [](const Rejection&) {});

    void readRow(const std::string& file) { ++m_files[file].rows; }
    void useRow(const std::string& file, std::uint64_t count = 1) { m_files[file].used += count; }
    void leaveRows(const std::string& file, std::uint64_t count) { m_files[file].unused += count; }

    /// A row that can't be part of an order, and is no order of its own.
    void rejectRow(const Rejection& rejection);

    void readOrder() { ++m_orders.read; }

    /// An order that can't be sent: its row counts as rejected, too.
    void rejectOrderRow(const Rejection& rejection);

    /// An order that the daemon refused.
    void refuseOrder(const Rejection& rejection);

    void acceptOrder(std::string_view currency, MinorUnits total, bool isReplay);

    /// Something odd about an order that does not stand against it.
    void remark(std::string_view what) { ++m_remarks[std::string(what)]; }

    [[nodiscard]] const OrderCounts& orders() const noexcept { return m_orders; }
    [[nodiscard]] const std::map<std::string, FileCounts, std::less<>>& files() const noexcept
    {
        return m_files;
    }
    [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& remarks() const noexcept
    {
        return m_remarks;
    }

    /// By currency, the totals of all orders accepted or replayed.
    [[nodiscard]] const std::map<std::string, MinorUnits, std::less<>>& totals() const noexcept
    {
        return m_totals;
    }

    /// Whether anything was rejected.
    [[nodiscard]] bool hasRejections() const noexcept;

    /// Whether every row and every order is accounted for.
    [[nodiscard]] bool isBalanced() const noexcept;

    /// Members of a JSON object: `orders`, `totals`, `files`, `remarks`.
    void writeMembers(JsonWriter& json) const;

    /// The same for a person, printable.
    [[nodiscard]] std::string summary() const;

private:
    std::function<void(const Rejection&)> m_tell;
    OrderCounts m_orders;
    std::map<std::string, FileCounts, std::less<>> m_files;
    std::map<std::string, std::uint64_t, std::less<>> m_remarks;
    std::map<std::string, MinorUnits, std::less<>> m_totals;
};

} // namespace gantry::console
