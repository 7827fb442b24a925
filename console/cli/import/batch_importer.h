// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"
#include "console/cli/import/import_report.h"
#include "console/cli/import/order_source.h"
#include "console/cli/pace.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace gantry::console {

struct ImportSettings {
    std::size_t batchOrders = 500;
    bool isDryRun = false; ///< the daemon tells what would become of each order, and takes none
    std::size_t batchBytes = 1024 * 1024; ///< of a batch with several orders
    std::size_t orderBytes = 3 * 1024 * 1024; ///< of one order: the command socket takes 4 MiB
    std::size_t batchesUnderWay = 3;
    std::chrono::milliseconds silence{5000}; ///< without any answer: connect anew and send again
    std::chrono::milliseconds patience{60000}; ///< without progress: give up
};

/// Sends orders in batches, several under way, until each is settled. Sending again is safe: an order is known by channel and
/// external id. So silence, restarts and a busy daemon cost time and nothing else. One thread.
class BatchImporter {
public:
    BatchImporter(ClientFactory connect, Pace& pace, ImportSettings settings, ImportReport& report);

    /// Sends all that the source gives. `progress` is called often. Errors: of the source (what came before it is sent); Unavailable and the retryable ones when there
    /// was no progress for `patience`; Busy when interrupted; Unauthenticated, Forbidden; Internal. What was settled until then
    /// stands in the report.
    Result<void> run(OrderSource& source, const std::function<void()>& progress);

    /// Whether the daemon ever answered.
    [[nodiscard]] bool wasReached() const noexcept { return m_wasReached; }

private:
    using Batch = std::vector<ImportItem>;

    void read(OrderSource& source);
    Result<void> sendMore(OrderSource& source);
    Result<void> connect();
    Result<void> receive();
    Result<void> settle(Batch batch, const ApiAnswer& answer);
    Result<void> settleResults(Batch& batch, const std::string& body);
    Result<void> settleRefusal(Batch batch, const Error& error);
    void settleOrder(ImportItem& item, std::int64_t status, std::string_view problem, Batch& again);
    void refuse(const ImportItem& item, const Error& error);
    void sendAgain(Batch batch);
    void reconnect(const Error& error);
    void waitForDaemon(std::chrono::milliseconds wait);
    [[nodiscard]] bool isDone() const noexcept;

    ClientFactory m_connect;
    Pace& m_pace;
    ImportSettings m_settings;
    ImportReport& m_report;
    JsonParser m_parser;
    std::unique_ptr<CommandClient> m_client;
    std::deque<Batch> m_waiting; ///< to be sent, or sent again
    std::map<std::uint64_t, Batch> m_underWay;
    std::optional<ImportItem> m_readAhead; ///< did not fit into the last batch
    bool m_isAllRead = false;
    std::optional<Error> m_sourceFault;
    bool m_wasReached = false;
    std::chrono::milliseconds m_lastProgress{0};
    std::chrono::milliseconds m_notBefore{0}; ///< the daemon asked not to be bothered until then
    std::chrono::milliseconds m_backOff{0};
    Error m_trouble{ErrorCode::Unavailable, "The daemon does not answer."};
};

} // namespace gantry::console
