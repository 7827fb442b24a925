// SPDX-License-Identifier: GPL-3.0-or-later
// Open orders on their way from one version of a workflow to another: what would become of each, and doing exactly that.
#include "daemon/api/fingerprint.h"
#include "daemon/api/migration_request.h"
#include "daemon/api/order_query.h"
#include "daemon/api/routes.h"
#include "shared/protocol/order_codec.h"
#include "shared/protocol/problem.h"

#include <atomic>
#include <memory>

namespace gantry::api {

namespace {

/// The steps of the new definition that are not for an order by its document. Errors: the store's, Corrupt.
Result<std::vector<std::string>> notMeantFor(const std::string& document, const Workflow& to)
{
    thread_local JsonParser parser;
    const auto decoded = decodeDocument(parser, document);
    if (!decoded)
        return tl::unexpected(decoded.error());
    return to.skippedFor(*decoded);
}

void writeNames(JsonWriter& body, std::string_view name, const std::vector<std::string>& names)
{
    body.key(name).beginArray();
    for (const std::string& each : names)
        body.value(each);
    body.endArray();
}

void writePlan(JsonWriter& body, const MigrationPlan& plan)
{
    body.member("moves", true)
        .member("step", plan.step.name)
        .member("attempt", attemptFateName(plan.attempt))
        .memberIf("step_due_at", plan.step.dueAt)
        .memberIf("reserved_until", plan.step.reservedUntil);
    writeNames(body, "skipped_steps", plan.skippedSteps);
    writeNames(body, "passed_steps", plan.passedSteps);
    body.key("changed_compensations").beginArray();
    for (const ChangedCompensation& each : plan.changedCompensations)
        body.beginObject()
            .member("step", each.step)
            .memberIf("from", each.before)
            .memberIf("to", each.after)
            .endObject();
    body.endArray();
}

void writePlanned(JsonWriter& body, const Order& order, const Result<MigrationPlan>& plan)
{
    body.beginObject()
        .member("id", order.id.text())
        .member("channel", order.summary->channel)
        .member("external_id", order.summary->externalId)
        .member("version", order.version)
        .member("at_step", order.step.name);
    if (plan)
        writePlan(body, *plan);
    else
        body.member("moves", false).member("reason", plan.error().message);
    body.endObject();
}

/// A page of open orders on the old version, each planned. Looks at no more than a page of the list of all open orders, so it may hold fewer, or none.
ApiResponse planPage(store::StoreReader& reader, const MigrationQuestion& question,
    const store::PageRequest& page, Timestamp now)
{
    const auto pair = readMigrationPair(reader, question);
    if (!pair)
        return problem(pair.error());
    store::OrderFilter open;
    open.states = openStates();
    const auto orders = reader.listOrders(open, page);
    if (!orders)
        return problem(orders.error());
    JsonWriter body;
    body.beginObject().key("items").beginArray();
    for (const Order& order : orders->orders) {
        if (order.summary->workflow != pair->from->name
            || order.summary->workflowVersion != pair->from->version)
            continue;
        std::vector<std::string> notMeant;
        if (pair->hasConditions()) {
            const auto stored = reader.readOrder(order.id);
            if (!stored)
                return problem(stored.error());
            auto steps = notMeantFor(stored->document, *pair->to);
            if (!steps)
                return problem(steps.error());
            notMeant = std::move(*steps);
        }
        writePlanned(body, order, planMigration(order, *pair->from, *pair->to, {notMeant, pair->map, now}));
    }
    body.endArray().key("next_cursor");
    if (orders->next)
        body.value(cursorAfter(*orders->next));
    else
        body.null();
    body.endObject();
    return json(body.take());
}

void planMoves(const Services& services, const Call& call, const ApiReply& reply)
{
    auto question = readMigrationQuestion(call);
    if (!question)
        return reply(problem(question.error()));
    const auto page = pageOf(call);
    if (!page)
        return reply(problem(page.error()));
    look(services, reply,
        [question = std::move(*question), page = *page, now = services.clock.now()](
            store::StoreReader& reader) { return planPage(reader, question, page, now); });
}

/// What has become of each order, as the answers come in, on whatever threads; the last one sends them.
class MoveAnswer : public std::enable_shared_from_this<MoveAnswer> {
public:
    MoveAnswer(std::vector<PlannedOrder> orders, ApiReply reply)
        : m_orders(std::move(orders))
        , m_outcomes(m_orders.size(), failure(ErrorCode::Internal, "No answer came."))
        , m_open(m_orders.size())
        , m_reply(std::move(reply))
    {
    }

    void put(std::size_t index, Result<engine::CommandOutcome> outcome)
    {
        m_outcomes[index] = std::move(outcome);
        if (m_open.fetch_sub(1) == 1)
            m_reply({.encode = [self = shared_from_this()](
                                   ApiResponse& response) { response = json(self->encoded()); }});
    }

private:
    static std::string_view resultOf(const Error& error)
    {
        if (error.code == ErrorCode::VersionMismatch)
            return "changed";
        return isRetryable(error.code) ? "not_done" : "refused";
    }

    [[nodiscard]] std::string encoded() const
    {
        JsonWriter body;
        body.beginObject().key("results").beginArray();
        for (std::size_t i = 0; i < m_orders.size(); ++i) {
            const auto& outcome = m_outcomes[i];
            body.beginObject().member("id", m_orders[i].id.text());
            if (outcome)
                body.member("result", "moved").member("version", outcome->version);
            else
                body.member("result", resultOf(outcome.error()))
                    .key("problem")
                    .raw(encodeProblem(outcome.error()));
            body.endObject();
        }
        return body.endArray().endObject().take();
    }

    std::vector<PlannedOrder> m_orders;
    std::vector<Result<engine::CommandOutcome>> m_outcomes;
    std::atomic<std::size_t> m_open;
    ApiReply m_reply;
};

/// What all commands of one request have in common.
struct Mover {
    std::string actor;
    Role role = Role::Viewer;
    std::string reason;
    std::optional<engine::IdempotencyKey> key;
    AuditOrigin origin;
};

/// The command that moves one order. Errors: what the store says, ActionNotAllowed.
Result<engine::OrderCommand> commandFor(
    store::StoreReader& reader, const PlannedOrder& planned, const MigrationPair& pair, const Mover& mover)
{
    const auto stored = reader.readOrder(planned.id);
    if (!stored)
        return tl::unexpected(stored.error());
    const OrderSummary& summary = *stored->order.summary;
    const bool isThere = summary.workflow == pair.from->name && summary.workflowVersion == pair.from->version;
    if (!isThere && stored->order.version == planned.version)
        return failure(ErrorCode::ActionNotAllowed,
            "The order goes by " + summary.workflow + ' ' + std::to_string(summary.workflowVersion)
                + ", not by " + pair.from->name + ' ' + std::to_string(pair.from->version)
                + ". Plan the move again.");
    auto notMeant = notMeantFor(stored->document, *pair.to);
    if (!notMeant)
        return tl::unexpected(notMeant.error());
    engine::OrderCommand command{planned.id, {}, mover.key};
    command.origin = mover.origin;
    command.command.actor = mover.actor;
    command.command.role = mover.role;
    command.command.expectedVersion = planned.version;
    command.command.body = MigrateWorkflow{pair.to, std::move(*notMeant), pair.map, mover.reason};
    return command;
}

void moveAll(const Services& services, store::StoreReader& reader, const MigrationRequest& request,
    const Mover& mover, const ApiReply& reply)
{
    const auto pair = readMigrationPair(reader, request.question);
    if (!pair)
        return reply(problem(pair.error()));
    const auto answer = std::make_shared<MoveAnswer>(request.orders, reply);
    for (std::size_t i = 0; i < request.orders.size(); ++i) {
        auto command = commandFor(reader, request.orders[i], *pair, mover);
        if (!command) {
            answer->put(i, tl::unexpected(command.error()));
            continue;
        }
        if (command->idempotency)
            command->idempotency->key += '#' + std::to_string(i); // one key a request, one record an order
        command->reply = [answer, i](const auto& outcome) { answer->put(i, outcome); };
        if (!services.inbox.post(std::move(*command)))
            answer->put(i, tl::unexpected(inboxFull()));
    }
}

void move(const Services& services, const Call& call, const ApiReply& reply)
{
    auto request = readMigrationRequest(call);
    if (!request)
        return reply(problem(request.error()));
    auto key = idempotencyKeyOf(call, fingerprintOf(call.request.path + '\n' + call.request.body));
    if (!key)
        return reply(problem(key.error()));
    Mover mover{call.principal.name, call.principal.role, request->reason, std::move(*key), originOf(call)};
    const bool taken = services.readers.post(
        [services, request = std::move(*request), mover = std::move(mover), reply](
            store::StoreReader& reader) { moveAll(services, reader, request, mover, reply); });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace

void addMigrationRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back(
        {"GET", "/v1/workflows/{}/migration", Access::Reader, {"from", "to", "map", "limit", "cursor"},
            [services](const Call& call, const ApiReply& reply) { planMoves(services, call, reply); }});
    routes.push_back({"POST", "/v1/workflows/{}/migration", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { move(services, call, reply); }});
}

} // namespace gantry::api
