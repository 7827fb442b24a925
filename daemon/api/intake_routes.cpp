// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/fingerprint.h"
#include "daemon/api/routes.h"
#include "shared/domain/actions.h"
#include "shared/protocol/order_codec.h"
#include "shared/protocol/problem.h"

#include <atomic>
#include <memory>

namespace gantry::api {

namespace {

constexpr std::size_t maxBatch = 1000;

/// An accepted order as JSON: the submitted document with what Gantry adds. The document is stored as one object, so the members are joined as text.
std::string orderJson(const engine::CommandOutcome& outcome, const std::string& document)
{
    thread_local JsonWriter members; // for its memory: it is made for every order
    members.clear();
    writeOrderMembers(members, *outcome.order);
    std::string body;
    body.reserve(document.size() + members.text().size() + 1);
    body.append(document, 0, document.size() - 1);
    body += ',';
    body += members.text();
    body += '}';
    return body;
}

/// What became of a submission, and its document. Kept for the transport's thread to encode; whatever that thread made, it so gives back itself.
struct Submitted {
    Result<engine::CommandOutcome> outcome{};
    std::shared_ptr<const std::string> encoded{};
    std::shared_ptr<const OrderDocument> document{}; ///< only to be released there
};

ApiResponse accepted(const Submitted& submitted)
{
    if (!submitted.outcome)
        return problem(submitted.outcome.error());
    const engine::CommandOutcome& outcome = *submitted.outcome;
    ApiResponse response = json(orderJson(outcome, *submitted.encoded), outcome.replayed ? 200 : 201);
    response.headers.emplace_back("ETag", etagOf(outcome.order->version));
    if (outcome.replayed)
        response.headers.emplace_back("Idempotency-Replayed", "true");
    else
        response.headers.emplace_back("Location", "/v1/orders/" + outcome.order->id.text());
    return response;
}

engine::Submission submissionOf(OrderDocument document, const Principal& principal)
{
    engine::Submission submission{
        std::make_shared<const OrderDocument>(std::move(document)), {}, {}, principal.name};
    submission.encoded = std::make_shared<const std::string>(encodeDocument(*submission.document));
    submission.fingerprint = fingerprintOf(*submission.encoded);
    return submission;
}

void submitOrder(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    auto document = readOrderDocument(*body);
    if (!document)
        return reply(problem(document.error()));
    if (auto refused = refusalOf(Right::Submit, document->channel, call.principal.role))
        return reply(problem(*refused));
    engine::Submission submission = submissionOf(std::move(*document), call.principal);
    auto key = idempotencyKeyOf(call, submission.fingerprint);
    if (!key)
        return reply(problem(key.error()));
    submission.idempotency = std::move(*key);
    submission.reply = [reply, encoded = submission.encoded, document = submission.document](
                           const Result<engine::CommandOutcome>& outcome) {
        reply({.encode = [submitted = Submitted{outcome, encoded, document}](
                             ApiResponse& response) { response = accepted(submitted); }});
    };
    if (!services.inbox.post(std::move(submission)))
        reply(problem(inboxFull()));
}

/// The answers of a batch as they come in, on whatever threads; the last one sends them.
class BatchAnswer : public std::enable_shared_from_this<BatchAnswer> {
public:
    BatchAnswer(std::size_t count, ApiReply reply)
        : m_items(count)
        , m_open(count)
        , m_reply(std::move(reply))
    {
    }

    void put(std::size_t index, Submitted submitted)
    {
        m_items[index] = std::move(submitted);
        if (m_open.fetch_sub(1) == 1)
            m_reply({.encode = [self = shared_from_this()](
                                   ApiResponse& response) { response = json(self->encoded()); }});
    }

private:
    [[nodiscard]] std::string encoded() const
    {
        constexpr std::size_t aroundItem = 1024; ///< bytes, about: what Gantry adds, or a problem
        std::size_t size = aroundItem;
        for (const Submitted& item : m_items)
            size += (item.encoded ? item.encoded->size() : 0) + aroundItem;
        std::string body;
        body.reserve(size);
        body += "{\"results\":[";
        for (std::size_t i = 0; i < m_items.size(); ++i) {
            const auto& [outcome, document, unused] = m_items[i];
            body += i > 0 ? ",{\"status\":" : "{\"status\":";
            if (outcome)
                body.append(outcome->replayed ? "200" : "201")
                    .append(",\"order\":")
                    .append(orderJson(*outcome, *document));
            else
                body.append(std::to_string(httpStatus(outcome.error().code)))
                    .append(",\"problem\":")
                    .append(encodeProblem(outcome.error()));
            body += '}';
        }
        body += "]}";
        return body;
    }

    std::vector<Submitted> m_items;
    std::atomic<std::size_t> m_open;
    ApiReply m_reply;
};

/// The orders of a batch's body. Errors: as for any body; InvalidValue for none or too many.
Result<simdjson::dom::array> ordersIn(simdjson::dom::element body)
{
    FieldErrors errors;
    ObjectReader reader(body, "", errors);
    const auto orders = reader.requiredArray("orders");
    reader.finish();
    if (orders && (orders->size() == 0 || orders->size() > maxBatch))
        errors.add("/orders", ErrorCode::InvalidValue,
            "has " + std::to_string(orders->size()) + " orders; 1 to 1000 are taken");
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The batch"));
    return *orders;
}

void submitBatch(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    const auto orders = ordersIn(*body);
    if (!orders)
        return reply(problem(orders.error()));
    const auto key = idempotencyKeyOf(call, {});
    if (!key)
        return reply(problem(key.error()));
    // Read all before posting any: the parser's document is this thread's own and lives only here.
    const auto answer = std::make_shared<BatchAnswer>(orders->size(), reply);
    std::vector<engine::Message> submissions;
    std::vector<std::size_t> places; ///< of the submissions in the batch
    std::size_t index = 0;
    for (const auto element : *orders) {
        const std::size_t at = index++;
        auto document = readOrderDocument(element, "/orders/" + std::to_string(at));
        if (!document) {
            answer->put(at, {tl::unexpected(document.error())});
            continue;
        }
        if (auto refused = refusalOf(Right::Submit, document->channel, call.principal.role)) {
            answer->put(at, {tl::unexpected(std::move(*refused))});
            continue;
        }
        engine::Submission submission = submissionOf(std::move(*document), call.principal);
        if (*key) // one key a batch, one record an order
            submission.idempotency = engine::IdempotencyKey{
                (*key)->principal, (*key)->key + '#' + std::to_string(at), submission.fingerprint};
        submission.reply = [answer, at, encoded = submission.encoded, owned = submission.document](
                               const auto& outcome) {
            answer->put(at, {outcome, encoded, owned});
        };
        submissions.emplace_back(std::move(submission));
        places.push_back(at);
    }
    for (std::size_t taken = services.inbox.postAll(std::move(submissions)); taken < places.size(); ++taken)
        answer->put(places[taken], {tl::unexpected(inboxFull())});
}

} // namespace

void addIntakeRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"POST", "/v1/orders", Access::Writer, {},
        [services](const Call& call, const ApiReply& reply) { submitOrder(services, call, reply); }});
    routes.push_back({"POST", "/v1/orders/batch", Access::Writer, {},
        [services](const Call& call, const ApiReply& reply) { submitBatch(services, call, reply); }});
}

} // namespace gantry::api
