// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/batch_importer.h"

#include "console/cli/exit_code.h"
#include "shared/protocol/problem.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gantry::console {

namespace {

constexpr std::chrono::milliseconds pauseSlice{250}; // so that bars move and signals are seen
constexpr std::chrono::milliseconds firstBackOff{100};
constexpr std::chrono::milliseconds longestBackOff{5000};

std::string bodyOf(const std::vector<ImportItem>& batch)
{
    std::string body = "{\"orders\":[";
    for (const ImportItem& item : batch) {
        if (body.back() != '[')
            body += ',';
        body += item.json;
    }
    return body + "]}";
}

Error unreadable()
{
    return {ErrorCode::Internal,
        "The daemon's answer to a batch can't be read. Check that gantryctl and gantryd are of the same "
        "version."};
}

} // namespace

BatchImporter::BatchImporter(ClientFactory connect, Pace& pace, ImportSettings settings, ImportReport& report)
    : m_connect(std::move(connect))
    , m_pace(pace)
    , m_settings(settings)
    , m_report(report)
{
}

bool BatchImporter::isDone() const noexcept
{
    return m_isAllRead && m_waiting.empty() && m_underWay.empty();
}

Result<void> BatchImporter::run(OrderSource& source, const std::function<void()>& progress)
{
    m_lastProgress = m_pace.now();
    while (!isDone()) {
        if (m_pace.isInterrupted())
            return failure(ErrorCode::Busy, "Stopped by a signal. The same import again goes on from here.");
        if (auto sent = sendMore(source); !sent)
            return sent;
        if (isDone())
            break;
        if (auto received = receive(); !received)
            return received;
        if (!isDone() && m_pace.now() - m_lastProgress > m_settings.patience)
            return tl::unexpected(m_trouble);
        progress();
    }
    if (m_sourceFault)
        return tl::unexpected(*m_sourceFault);
    return {};
}

/// Reads the next batch from the source.
void BatchImporter::read(OrderSource& source)
{
    Batch batch;
    std::size_t bytes = 0;
    while (batch.size() < m_settings.batchOrders) {
        auto item = m_readAhead ? Result<std::optional<ImportItem>>(std::exchange(m_readAhead, std::nullopt))
                                : source.next();
        if (!item) {
            // What was read before the fault is whole and goes in; then the fault ends the import.
            m_sourceFault = item.error();
            m_isAllRead = true;
            break;
        }
        if (!*item) {
            m_isAllRead = true;
            break;
        }
        ImportItem& order = **item;
        if (order.json.size() > m_settings.orderBytes) {
            refuse(order,
                {ErrorCode::BodyTooLarge,
                    "is " + std::to_string(order.json.size()) + " bytes long; at most "
                        + std::to_string(m_settings.orderBytes) + " are taken"});
            continue;
        }
        if (!batch.empty() && bytes + order.json.size() > m_settings.batchBytes) {
            m_readAhead = std::move(order);
            break;
        }
        bytes += order.json.size() + 1;
        batch.push_back(std::move(order));
    }
    if (!batch.empty())
        m_waiting.push_back(std::move(batch));
}

Result<void> BatchImporter::connect()
{
    if (m_client)
        return {};
    auto client = m_connect();
    if (!client)
        return tl::unexpected(client.error());
    m_client = std::move(*client);
    return {};
}

Result<void> BatchImporter::sendMore(OrderSource& source)
{
    while (m_underWay.size() < m_settings.batchesUnderWay && m_pace.now() >= m_notBefore) {
        if (m_waiting.empty() && !m_isAllRead)
            read(source);
        if (m_waiting.empty())
            return {};
        if (auto connected = connect(); !connected) {
            // At the start a bad profile ends it; later it may be that the daemon is just being set up again.
            if (!m_wasReached)
                return connected;
            m_trouble = connected.error();
            waitForDaemon(longestBackOff);
            return {};
        }
        const auto number = m_client->send({.method = "POST",
            .target = m_settings.isDryRun ? "/v1/orders/batch?dry_run=true" : "/v1/orders/batch",
            .body = bodyOf(m_waiting.front()),
            .headers = {{"content-type", "application/json"}}});
        if (!number) {
            m_trouble = number.error();
            waitForDaemon(firstBackOff);
            return {};
        }
        m_underWay.emplace(*number, std::move(m_waiting.front()));
        m_waiting.pop_front();
    }
    return {};
}

Result<void> BatchImporter::receive()
{
    if (m_underWay.empty()) {
        m_pace.pause(std::clamp(m_notBefore - m_pace.now(), std::chrono::milliseconds(0), pauseSlice));
        return {};
    }
    const auto patienceLeft = m_lastProgress + m_settings.patience - m_pace.now();
    auto answer = m_client->receive(
        std::clamp(patienceLeft + std::chrono::milliseconds(1), pauseSlice, m_settings.silence));
    if (!answer) {
        reconnect(answer.error());
        // A key that is refused from the start stays so; later the daemon may be just stopping.
        if (answer.error().code != ErrorCode::Unavailable && !m_wasReached)
            return tl::unexpected(std::move(answer.error()));
        return {};
    }
    m_wasReached = true;
    const auto found = m_underWay.find(answer->first);
    if (found == m_underWay.end())
        return {}; // the late answer to what was sent again meanwhile
    Batch batch = std::move(found->second);
    m_underWay.erase(found);
    return settle(std::move(batch), answer->second);
}

/// Without an answer it is unknown what was done of all that is under way: it is sent again, to a client made anew.
void BatchImporter::reconnect(const Error& error)
{
    m_trouble = error;
    m_client.reset();
    for (auto& [number, batch] : m_underWay)
        m_waiting.push_back(std::move(batch));
    m_underWay.clear();
    waitForDaemon(firstBackOff);
}

void BatchImporter::waitForDaemon(std::chrono::milliseconds wait)
{
    m_backOff = std::clamp(m_backOff * 2, firstBackOff, longestBackOff);
    m_notBefore = m_pace.now() + std::max(m_backOff, wait);
}

void BatchImporter::sendAgain(Batch batch)
{
    m_waiting.push_front(std::move(batch));
}

Result<void> BatchImporter::settle(Batch batch, const ApiAnswer& answer)
{
    if (answer.status == 200)
        return settleResults(batch, answer.body);
    Error error = decodeProblem(answer.body);
    if (isRetryable(error.code)) {
        m_trouble = std::move(error);
        waitForDaemon(retryAfter(answer, firstBackOff));
        sendAgain(std::move(batch));
        return {};
    }
    return settleRefusal(std::move(batch), error);
}

/// The daemon took none of a batch: one order in it is to blame, found by halving, unless the trouble is a general one.
Result<void> BatchImporter::settleRefusal(Batch batch, const Error& error)
{
    const ExitCode kind = exitCodeOf(error.code);
    if (kind != ExitCode::BadData && kind != ExitCode::Refused)
        return tl::unexpected(error);
    m_lastProgress = m_pace.now();
    if (batch.size() == 1) {
        refuse(batch.front(), error);
        return {};
    }
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    Batch second(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
    batch.erase(middle, batch.end());
    sendAgain(std::move(second));
    sendAgain(std::move(batch));
    return {};
}

Result<void> BatchImporter::settleResults(Batch& batch, const std::string& body)
{
    const auto root = m_parser.parse(body);
    simdjson::dom::array results;
    if (!root || (*root)["results"].get(results) != simdjson::SUCCESS || results.size() != batch.size())
        return tl::unexpected(unreadable());
    Batch again;
    std::size_t index = 0;
    for (const auto result : results) {
        std::int64_t status = 0;
        if (result["status"].get(status) != simdjson::SUCCESS)
            return tl::unexpected(unreadable());
        simdjson::dom::element problem;
        const bool hasProblem = result["problem"].get(problem) == simdjson::SUCCESS;
        settleOrder(batch[index++], status, hasProblem ? simdjson::to_string(problem) : std::string(), again);
    }
    if (again.size() < batch.size()) {
        m_lastProgress = m_pace.now();
        m_backOff = std::chrono::milliseconds(0);
    }
    if (!again.empty()) {
        waitForDaemon(firstBackOff);
        sendAgain(std::move(again));
    }
    return {};
}

void BatchImporter::settleOrder(ImportItem& item, std::int64_t status, std::string_view problem, Batch& again)
{
    if (status == 200 || status == 201) {
        m_report.acceptOrder(item.currency, item.total, status == 200);
        return;
    }
    Error error = decodeProblem(problem);
    if (isRetryable(error.code)) {
        m_trouble = std::move(error);
        again.push_back(std::move(item));
    } else {
        refuse(item, error);
    }
}

void BatchImporter::refuse(const ImportItem& item, const Error& error)
{
    m_report.refuseOrder({item.file, item.line, item.id, std::string(codeName(error.code)), error.message});
}

} // namespace gantry::console
