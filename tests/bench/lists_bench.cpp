// SPDX-License-Identifier: GPL-3.0-or-later
// Lists, counts and searches over many stored orders: alone, and while more come in.
#include "tests/bench/bench_daemon.h"
#include "tests/bench/benches.h"
#include "tests/bench/latencies.h"
#include "tests/bench/load_client.h"
#include "tests/bench/order_maker.h"
#include "tests/bench/report.h"
#include "tests/support/http_client.h"

#include <array>
#include <atomic>
#include <simdjson.h>
#include <thread>

namespace gantry::bench {

namespace {

constexpr std::size_t ordersPerRequest = 500;
constexpr std::size_t ordersOfIntake = 100; ///< a request, while lists are read
constexpr std::size_t deep = 200; ///< pages of 500 before the deep one
constexpr int rounds = 100;

struct Question {
    const char* what;
    std::string target;
};

/// What an order of the middle is called by, and where a list of 500 a page is after many pages.
struct Landmarks {
    std::string externalId;
    std::string id;
    std::string email;
    std::string cursor;
};

class Asker {
public:
    explicit Asker(test::DaemonProcess& daemon)
        : m_client("127.0.0.1", daemon.httpPort())
        , m_headers{{"Authorization", "Bearer " + daemon.key()}}
    {
    }

    Result<std::string> ask(const std::string& target)
    {
        auto answer = m_client.request("GET", target, m_headers);
        if (!answer)
            return tl::unexpected(answer.error());
        if (answer->status != 200)
            return failure(ErrorCode::Unavailable, target + " was answered " + answer->body.substr(0, 300));
        return std::move(answer->body);
    }

    /// A text of a JSON answer, by its pointer; empty if it is not there.
    Result<std::string> text(const std::string& target, std::string_view pointer)
    {
        const auto body = ask(target);
        if (!body)
            return tl::unexpected(body.error());
        std::string_view value;
        const auto error = m_parser.parse(*body).at_pointer(pointer).get(value);
        return error == simdjson::SUCCESS ? std::string(value) : std::string();
    }

private:
    test::HttpClient m_client;
    test::HttpHeaders m_headers;
    simdjson::dom::parser m_parser;
};

Result<Landmarks> findLandmarks(Asker& asker)
{
    Landmarks marks;
    for (std::size_t page = 0; page < deep; ++page) {
        auto cursor = asker.text(
            "/v1/orders?limit=500" + (marks.cursor.empty() ? "" : "&cursor=" + marks.cursor), "/next_cursor");
        if (!cursor)
            return tl::unexpected(cursor.error());
        if (cursor->empty())
            break; // there are not so many
        marks.cursor = std::move(*cursor);
    }
    const std::string middle = "/v1/orders?limit=1" + (marks.cursor.empty() ? "" : "&cursor=" + marks.cursor);
    for (auto [pointer, text] :
        {std::pair{"/items/0/id", &marks.id}, std::pair{"/items/0/external_id", &marks.externalId}}) {
        auto found = asker.text(middle, pointer);
        if (!found)
            return tl::unexpected(found.error());
        *text = std::move(*found);
    }
    auto email = asker.text("/v1/orders/" + marks.id, "/customer/email");
    if (!email)
        return tl::unexpected(email.error());
    marks.email = std::move(*email);
    return marks;
}

std::vector<Question> questionsOf(const Landmarks& marks)
{
    return {{"first page", "/v1/orders"}, {"first page by change", "/v1/orders?sort=-updated_at"},
        {"deep page", "/v1/orders?cursor=" + marks.cursor},
        {"first page of a state", "/v1/orders?state=running,failed"},
        {"first page of a channel", "/v1/orders?channel=webshop"}, {"first incidents", "/v1/incidents"},
        {"incidents by cause", "/v1/incidents?group_by=cause"}, {"counts", "/v1/stats"},
        {"one order", "/v1/orders/" + marks.id}, {"by number", "/v1/orders?external_id=" + marks.externalId},
        {"search a number", "/v1/orders?q=" + marks.externalId},
        {"search the beginning of a number",
            "/v1/orders?q=" + marks.externalId.substr(0, marks.externalId.size() - 2)},
        {"search an e-mail address", "/v1/orders?q=" + marks.email},
        {"search a common name", "/v1/orders?q=maria"}, {"search two words", "/v1/orders?q=silva+mar"},
        {"search what nobody is called", "/v1/orders?q=quetzalcoatl"}};
}

Result<void> measure(Asker& asker, const std::vector<Question>& questions, std::size_t orders, bool intake)
{
    for (const Question& question : questions) {
        Latencies latencies;
        for (int round = 0; round < rounds; ++round) {
            const auto start = std::chrono::steady_clock::now();
            if (const auto answer = asker.ask(question.target); !answer)
                return tl::unexpected(answer.error());
            latencies.add(std::chrono::steady_clock::now() - start);
        }
        Report("lists")
            .text("what", question.what)
            .text("intake", intake ? "on" : "off")
            .count("orders", orders)
            .number("p50_ms", latencies.milliseconds(0.5), 2)
            .number("p99_ms", latencies.milliseconds(0.99), 2)
            .print();
    }
    return {};
}

} // namespace

Result<void> benchLists(const Options& options)
{
    const std::size_t requests =
        ((options.orders > 0 ? options.orders : 1'000'000) + ordersPerRequest - 1) / ordersPerRequest;
    const std::size_t orders = requests * ordersPerRequest;
    const OrderMaker maker;
    const TempFolder folder;
    const SilentService payment;
    auto daemon = test::DaemonProcess::start(folder.path(), loadSettings(payment));
    if (!daemon)
        return tl::unexpected(daemon.error());
    const auto filled = runLoad({.port = daemon->httpPort(),
        .connections = 4,
        .requests = requests,
        .head = postHead("/v1/orders/batch", daemon->key()),
        .body = [&](std::size_t request) {
            return maker.batchJson(request * ordersPerRequest, ordersPerRequest);
        }});
    if (!filled)
        return tl::unexpected(filled.error());
    Report("lists").text("what", "filled").count("orders", orders).number("seconds", filled->seconds).print();
    Asker asker(*daemon);
    const auto marks = findLandmarks(asker);
    if (!marks)
        return tl::unexpected(marks.error());
    const auto questions = questionsOf(*marks);
    if (auto alone = measure(asker, questions, orders, false); !alone)
        return alone;
    std::atomic<bool> isOver{false};
    std::atomic<std::size_t> taken{0};
    const auto start = std::chrono::steady_clock::now();
    std::thread intake([&] {
        for (std::size_t next = orders; !isOver; next += 20 * ordersOfIntake) {
            const auto sent = runLoad({.port = daemon->httpPort(),
                .connections = 2,
                .requests = 20,
                .head = postHead("/v1/orders/batch", daemon->key()),
                .body = [&](std::size_t request) {
                    return maker.batchJson(next + request * ordersOfIntake, ordersOfIntake);
                }});
            if (!sent)
                return;
            taken += 20 * ordersOfIntake;
        }
    });
    auto meanwhile = measure(asker, questions, orders, true);
    isOver = true;
    intake.join();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    Report("lists")
        .text("what", "intake meanwhile")
        .number("orders_per_s", static_cast<double>(taken) / seconds.count(), 0)
        .print();
    daemon->process().terminate();
    return meanwhile;
}

} // namespace gantry::bench
