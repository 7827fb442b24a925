// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/console/cli/support/fake_api.h"

#include "shared/protocol/order_codec.h"
#include "shared/protocol/problem.h"

namespace gantry::console {

/// A client whose daemon is in the same process; waiting is the FakePace's matter.
class FakeClient final : public CommandClient {
public:
    FakeClient(FakeApi& daemon, FakePace& pace)
        : m_daemon(daemon)
        , m_pace(pace)
    {
    }

    Result<ApiAnswer> call(const ApiCall& call, std::chrono::milliseconds timeout) override
    {
        if (auto answer = m_daemon.handle(call))
            return std::move(*answer);
        m_pace.pause(timeout);
        return failure(ErrorCode::Unavailable, "The daemon does not answer.");
    }

    Result<std::uint64_t> send(const ApiCall& call) override
    {
        const std::uint64_t number = ++m_lastNumber;
        if (auto answer = m_daemon.handle(call))
            m_answers.emplace_back(number, std::move(*answer));
        return number;
    }

    Result<std::pair<std::uint64_t, ApiAnswer>> receive(std::chrono::milliseconds timeout) override
    {
        if (m_answers.empty()) {
            m_pace.pause(timeout);
            return failure(ErrorCode::Unavailable, "The daemon does not answer.");
        }
        m_pace.pause(std::chrono::milliseconds(10)); // what a batch takes
        auto answer = std::move(m_answers.front());
        m_answers.pop_front();
        return answer;
    }

private:
    FakeApi& m_daemon;
    FakePace& m_pace;
    std::uint64_t m_lastNumber = 0;
    std::deque<std::pair<std::uint64_t, ApiAnswer>> m_answers;
};

FakeApi::FakeApi(FakePace& pace)
    : m_pace(pace)
{
}

ClientFactory FakeApi::clients()
{
    return [this]() -> Result<std::unique_ptr<CommandClient>> {
        ++m_clientsMade;
        return std::make_unique<FakeClient>(*this, m_pace);
    };
}

void FakeApi::answer(const std::string& call, int status, std::string body)
{
    m_answers[call] = {status, std::move(body)};
}

void FakeApi::awayBetween(std::chrono::milliseconds from, std::chrono::milliseconds until)
{
    m_awayFrom = from;
    m_awayUntil = until;
}

bool FakeApi::isAway() const
{
    return m_pace.now() >= m_awayFrom && m_pace.now() < m_awayUntil;
}

std::vector<std::string> FakeApi::callNames() const
{
    std::vector<std::string> names;
    for (const ApiCall& call : m_calls)
        names.push_back(call.method + ' ' + call.target);
    return names;
}

std::optional<ApiAnswer> FakeApi::handle(const ApiCall& call)
{
    if (isAway())
        return std::nullopt;
    m_calls.push_back(call);
    m_largestBody = std::max(m_largestBody, call.body.size());
    if (!m_next.empty()) {
        auto answer = std::move(m_next.front());
        m_next.pop_front();
        return answer;
    }
    ApiAnswer answer;
    const std::string name = call.method + ' ' + call.target;
    if (name == "POST /v1/orders/batch")
        answer = takeBatch(call.body);
    else if (const auto known = m_answers.find(name); known != m_answers.end())
        answer = known->second;
    else if (const auto path = m_answers.find(name.substr(0, name.find('?'))); path != m_answers.end())
        answer = path->second;
    else
        answer = {404, encodeProblem({ErrorCode::NotFound, "There is nothing at " + call.target + "."})};
    if (std::exchange(m_isAnswerLost, false))
        return std::nullopt;
    return answer;
}

ApiAnswer FakeApi::takeBatch(const std::string& body)
{
    JsonParser parser;
    const auto root = parser.parse(body);
    simdjson::dom::array orders;
    if (!root)
        return {httpStatus(root.error().code), encodeProblem(root.error())};
    if ((*root)["orders"].get(orders) != simdjson::SUCCESS || orders.size() > 1000)
        return {422, encodeProblem({ErrorCode::InvalidValue, "A batch has up to 1,000 orders."})};
    JsonWriter json;
    json.beginObject().key("results").beginArray();
    std::size_t index = 0;
    for (const auto order : orders)
        takeOrder(json, order, index++);
    m_takeOnly.reset();
    return {200, json.endArray().endObject().take()};
}

void FakeApi::takeOrder(JsonWriter& json, simdjson::dom::element element, std::size_t index)
{
    const auto problem = [&json](const Error& error) {
        json.beginObject().member("status", httpStatus(error.code)).key("problem");
        json.raw(encodeProblem(error)).endObject();
    };
    if (m_takeOnly && index >= *m_takeOnly)
        return problem({ErrorCode::Busy, "The inbox is full. Come again."});
    const auto document = readOrderDocument(element, "/orders/" + std::to_string(index));
    if (!document)
        return problem(document.error());
    if (const auto refused = m_refused.find(document->externalId); refused != m_refused.end())
        return problem(refused->second);
    const std::string text = encodeDocument(*document);
    const auto [known, isNew] = m_orders.try_emplace(document->channel + '/' + document->externalId, text);
    if (known->second != text)
        return problem({ErrorCode::OrderExists, "The order exists with other contents."});
    if (isNew)
        m_total += document->total;
    json.beginObject().member("status", isNew ? 201 : 200).key("order").raw(text).endObject();
}

} // namespace gantry::console
