// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"
#include "shared/protocol/json_writer.h"
#include "tests/console/cli/support/fake_pace.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::console {

/// Stands in for gantryd behind a CommandClient: takes orders in as the API promises (checked by the real codec, each once), answers other
/// calls from a table, and can be away, busy or forgetful at will.
class FakeApi {
public:
    explicit FakeApi(FakePace& pace);

    /// Makes clients that talk to this.
    ClientFactory clients();

    /// What to answer to `METHOD target` (the target with or without its query).
    void answer(const std::string& call, int status, std::string body);

    /// The next answers that stand before all else; an empty one is a call that was not heard.
    void answerNext(std::optional<ApiAnswer> answer) { m_next.push_back(std::move(answer)); }

    /// Not there between these moments: what is sent then, or is not answered before, is lost.
    void awayBetween(std::chrono::milliseconds from, std::chrono::milliseconds until);

    /// Does the next call but loses the answer.
    void loseNextAnswer() { m_isAnswerLost = true; }

    /// Takes only so many orders of the next batch; the others are told to come again.
    void takeOnly(std::size_t orders) { m_takeOnly = orders; }

    /// Whether an external id is answered with a problem although the order is sound.
    void refuse(const std::string& externalId, Error error)
    {
        m_refused.insert_or_assign(externalId, std::move(error));
    }

    /// Calls heard so far.
    [[nodiscard]] const std::vector<ApiCall>& calls() const noexcept { return m_calls; }

    /// The calls as `METHOD target`.
    [[nodiscard]] std::vector<std::string> callNames() const;

    /// How often each order was taken in: by channel and external id.
    [[nodiscard]] const std::map<std::string, std::string>& orders() const noexcept { return m_orders; }

    [[nodiscard]] std::int64_t totalOfOrders() const noexcept { return m_total; }
    [[nodiscard]] std::size_t largestBody() const noexcept { return m_largestBody; }
    [[nodiscard]] int clientsMade() const noexcept { return m_clientsMade; }

private:
    friend class FakeClient;
    std::optional<ApiAnswer> handle(const ApiCall& call);
    ApiAnswer takeBatch(const std::string& body);
    void takeOrder(JsonWriter& json, simdjson::dom::element element, std::size_t index);
    [[nodiscard]] bool isAway() const;

    FakePace& m_pace;
    std::map<std::string, ApiAnswer> m_answers;
    std::deque<std::optional<ApiAnswer>> m_next;
    std::vector<ApiCall> m_calls;
    std::map<std::string, std::string> m_orders; ///< key → canonical document
    std::map<std::string, Error> m_refused;
    std::int64_t m_total = 0;
    std::size_t m_largestBody = 0;
    std::optional<std::size_t> m_takeOnly;
    std::chrono::milliseconds m_awayFrom{0};
    std::chrono::milliseconds m_awayUntil{0};
    bool m_isAnswerLost = false;
    int m_clientsMade = 0;
};

} // namespace gantry::console
