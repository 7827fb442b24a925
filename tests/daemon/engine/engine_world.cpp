// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/engine/engine_world.h"

#include "shared/util/hash.h"

#include <QDir>
#include <QFileInfo>
#include <QtGlobal>

namespace gantry::test {

namespace {

/// Passes everything on but the commits that the plan makes fail.
class FaultyBatch final : public store::Batch {
public:
    FaultyBatch(std::unique_ptr<store::Batch> real, FaultPlan& plan)
        : m_real(std::move(real))
        , m_plan(plan)
    {
    }
    Result<std::optional<store::KnownOrder>> findByExternalId(
        std::string_view channel, std::string_view id) override
    {
        return m_real->findByExternalId(channel, id);
    }
    Result<std::optional<store::IdempotencyRecord>> findIdempotencyKey(
        std::string_view principal, std::string_view key) override
    {
        return m_real->findIdempotencyKey(principal, key);
    }
    Result<std::optional<store::OrderRecord>> findOrder(const OrderId& id) override
    {
        return m_real->findOrder(id);
    }
    Result<std::string> readDocument(const OrderId& id) override { return m_real->readDocument(id); }
    Result<std::vector<store::ReservationAnswer>> reserve(
        const std::vector<store::ReservationRequest>& requests) override
    {
        return m_real->reserve(requests);
    }
    Result<std::optional<store::DeliveryRecord>> findDelivery(
        std::string_view source, std::string_view deliveryId) override
    {
        return m_real->findDelivery(source, deliveryId);
    }
    Result<std::optional<store::DeliveryRecord>> findDelivery(std::uint64_t number) override
    {
        return m_real->findDelivery(number);
    }
    Result<std::vector<store::DeliveryRecord>> listWaiting(
        std::string_view source, std::string_view externalId) override
    {
        return m_real->listWaiting(source, externalId);
    }
    Result<std::size_t> countWaiting(std::string_view source) override
    {
        return m_real->countWaiting(source);
    }
    Result<void> expireDeliveries(Timestamp waitingBefore, Timestamp before) override
    {
        return m_real->expireDeliveries(waitingBefore, before);
    }
    Result<void> settle(const std::vector<store::StockOutcome>& outcomes) override
    {
        return m_real->settle(outcomes);
    }
    Result<void> commit(const store::BatchChanges& changes) override
    {
        if (auto fault = std::exchange(m_plan.nextCommit, std::nullopt))
            return tl::unexpected(*fault);
        auto done = m_real->commit(changes);
        if (auto fault = std::exchange(m_plan.afterCommit, std::nullopt); fault && done)
            return tl::unexpected(*fault);
        return done;
    }

private:
    std::unique_ptr<store::Batch> m_real;
    FaultPlan& m_plan;
};

class FaultyPartitionStore final : public store::PartitionStore {
public:
    FaultyPartitionStore(std::unique_ptr<store::PartitionStore> real, FaultPlan& plan)
        : m_real(std::move(real))
        , m_plan(plan)
    {
    }
    [[nodiscard]] const store::PartitionInfo& info() const override { return m_real->info(); }
    Result<void> forEachOpenOrder(const std::function<void(store::OrderRecord)>& visit) override
    {
        return m_real->forEachOpenOrder(visit);
    }
    Result<std::unique_ptr<store::Batch>> begin() override
    {
        if (auto fault = std::exchange(m_plan.nextBegin, std::nullopt))
            return tl::unexpected(*fault);
        auto batch = m_real->begin();
        if (!batch)
            return batch;
        return std::unique_ptr<store::Batch>(std::make_unique<FaultyBatch>(std::move(*batch), m_plan));
    }
    Result<bool> maintain(store::Moment moment) override { return m_real->maintain(moment); }
    Result<store::StockChanged> changeStock(const store::StockChange& change) override
    {
        return m_real->changeStock(change);
    }
    Result<void> putWarehouse(const store::Warehouse& warehouse) override
    {
        return m_real->putWarehouse(warehouse);
    }
    Result<void> writeRole(const store::RoleVersion& version) override { return m_real->writeRole(version); }
    Result<std::uint64_t> writePrincipal(const store::PrincipalChanges& changes) override
    {
        if (auto fault = std::exchange(m_plan.nextBegin, std::nullopt))
            return tl::unexpected(*fault);
        return m_real->writePrincipal(changes);
    }
    Result<std::uint64_t> writePeople(const store::PeopleChanges& changes) override
    {
        return m_real->writePeople(changes);
    }
    Result<void> noteSessionUses(const std::vector<store::KeyUse>& uses) override
    {
        return m_real->noteSessionUses(uses);
    }
    Result<void> noteKeyUses(const std::vector<store::KeyUse>& uses) override
    {
        return m_real->noteKeyUses(uses);
    }
    Result<bool> putWorkflow(const store::WorkflowRecord& workflow) override
    {
        return m_real->putWorkflow(workflow);
    }
    Result<void> addWorkflowChoices(const std::vector<store::WorkflowChoice>& choices) override
    {
        return m_real->addWorkflowChoices(choices);
    }
    Result<void> writeBulk(const store::BulkChanges& changes) override
    {
        if (auto fault = std::exchange(m_plan.nextBulkWrite, std::nullopt))
            return tl::unexpected(*fault);
        return m_real->writeBulk(changes);
    }
    Result<store::IntakeSource> changeIntakeSource(const store::IntakeSourceChange& change) override
    {
        return m_real->changeIntakeSource(change);
    }
    Result<bool> putPause(const Pause& pause) override
    {
        if (auto fault = std::exchange(m_plan.nextBegin, std::nullopt))
            return tl::unexpected(*fault);
        return m_real->putPause(pause);
    }
    Result<bool> endPause(PauseScope scope, const std::string& name, const PauseEnd& end) override
    {
        return m_real->endPause(scope, name, end);
    }

private:
    std::unique_ptr<store::PartitionStore> m_real;
    FaultPlan& m_plan;
};

/// Where the store's folder is made: in memory if the system has a place for that. What dies here is the process alone, and a disk of its own would only
/// be waited for.
QString folderTemplate()
{
    const QFileInfo memory(QStringLiteral("/dev/shm"));
    const QString parent = memory.isDir() && memory.isWritable() ? memory.filePath() : QDir::tempPath();
    return parent + QStringLiteral("/gantry-engine-XXXXXX");
}

template <typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s", result.error().message.c_str());
    return std::move(*result);
}

} // namespace

EngineWorld::EngineWorld(std::uint64_t seed, Workflow workflow)
    : workflows(std::move(workflow))
    , m_folder(folderTemplate())
    , m_random(seed)
{
    m_steps.add("validate", std::make_shared<steps::ValidateStep>());
    m_steps.add("allocate", std::make_shared<steps::AllocateStep>());
    m_steps.add("payment.capture", service);
    m_steps.add("payment.refund", service);
    m_steps.setCaller(service, {});
    restart();
}

void EngineWorld::restart()
{
    hasStopped = false;
    partition.reset();
    reader.reset();
    m_store.reset();
    while (service->waiting() > 0)
        service->take(); // what was in hand is forgotten, as in a crash
    m_queue = std::make_unique<engine::MessageQueue>(100'000);
    store::SqliteSettings settings;
    settings.file = m_folder.filePath(QStringLiteral("gantry.db")).toStdString();
    m_store = must(store::openSqliteStore(settings));
    reader = must(m_store->openReader());
    engine::PartitionSettings partitionSettings{
        .workflows = workflows, .steps = m_steps, .clock = clock, .random = m_random, .queue = *m_queue};
    partitionSettings.maxInHand = maxInHand;
    partitionSettings.listeners = {[this](auto batch) { published.push_back(std::move(batch)); }};
    auto faulty = std::make_unique<FaultyPartitionStore>(must(m_store->acquire(0)), faults);
    partition = std::make_unique<engine::Partition>(
        std::move(partitionSettings), std::move(faulty), must(m_store->openReader()));
    if (auto started = partition->start(); !started)
        qFatal("%s", started.error().message.c_str());
}

void EngineWorld::setStock(const std::string& sku, std::int64_t onHand)
{
    bool isSet = false;
    std::vector<engine::Message> messages;
    messages.emplace_back(engine::StockCommand{{.sku = sku, .quantity = onHand, .actor = "ann"},
        [&isSet](const auto& changed) { isSet = changed.has_value(); }});
    if (!run(std::move(messages)) || !isSet)
        qFatal("the stock of %s was not set", sku.c_str());
}

Result<void> EngineWorld::run(std::vector<engine::Message> messages)
{
    const auto takeReported = [this] { return m_queue->take({}, std::chrono::steady_clock::now()); };
    engine::Intake intake = takeReported();
    intake.messages = std::move(messages);
    do {
        if (auto done = partition->run(std::move(intake)); !done) {
            hasStopped = true;
            return done;
        }
        intake = takeReported();
    } while (!intake.isEmpty());
    return {};
}

std::vector<Result<engine::CommandOutcome>> EngineWorld::submit(
    std::vector<OrderDocument> documents, const std::vector<std::optional<engine::IdempotencyKey>>& keys)
{
    std::vector<Result<engine::CommandOutcome>> outcomes(
        documents.size(), failure(ErrorCode::Internal, "no answer came"));
    std::vector<engine::Message> messages;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        engine::Submission submission{std::make_shared<const OrderDocument>(documents[i]),
            std::make_shared<const std::string>(encodeDocument(documents[i])), {}, "tester"};
        const auto hash = fnv1a(*submission.encoded);
        for (std::size_t byte = 0; byte < 8; ++byte)
            submission.fingerprint[byte] = static_cast<std::uint8_t>(hash >> (8 * byte));
        if (i < keys.size())
            submission.idempotency = keys[i];
        submission.reply = [&outcomes, i](const auto& outcome) { outcomes[i] = outcome; };
        messages.emplace_back(std::move(submission));
    }
    static_cast<void>(run(std::move(messages)));
    return outcomes;
}

Result<engine::CommandOutcome> EngineWorld::act(
    const OrderId& order, Action action, Role role, const std::string& actor)
{
    Result<engine::CommandOutcome> outcome = failure(ErrorCode::Internal, "no answer came");
    engine::OrderCommand command{order, {}};
    command.command.actor = actor;
    command.command.role = role;
    TakeAction request{action, "because"};
    if (action == Action::Hold)
        request.holdId = "hold_" + std::to_string(m_random.next());
    command.command.body = request;
    command.reply = [&outcome](const auto& answer) { outcome = answer; };
    std::vector<engine::Message> messages;
    messages.emplace_back(std::move(command));
    static_cast<void>(run(std::move(messages)));
    return outcome;
}

void EngineWorld::succeed(const std::string& result)
{
    service->take().done({.succeeded = true, .result = result});
    static_cast<void>(run());
}

void EngineWorld::fail(const std::string& code, bool fatal)
{
    service->take().done({.code = code, .message = "it did not work", .fatal = fatal});
    static_cast<void>(run());
}

std::unique_ptr<store::StoreReader> EngineWorld::openReader()
{
    return must(m_store->openReader());
}

std::shared_ptr<const Order> EngineWorld::open(const OrderId& id) const
{
    const auto* entry = partition->book().find(id);
    return entry ? entry->order : nullptr;
}

Order EngineWorld::stored(const OrderId& id)
{
    return must(reader->readOrder(id)).order;
}

Order EngineWorld::replayed(const OrderId& id)
{
    Order order{.id = id};
    for (const store::EventRecord& record : must(reader->readEventsOfOrder(id, 0, 10'000)))
        order = apply(std::move(order), record.logged.event);
    return order;
}

OrderDocument sampleOrder(const std::string& externalId, const std::string& sku, std::int64_t quantity)
{
    OrderDocument document{
        .channel = "test", .externalId = externalId, .currency = *Currency::fromCode("EUR")};
    document.lines = {{sku, "A thing", quantity, 250}};
    document.customer.name = "Ada";
    document.shippingAddress.city = "Bonn";
    document.shippingAddress.country = "DE";
    document.total = 250 * quantity;
    document.payments = {{"card", document.total}};
    return document;
}

} // namespace gantry::test
