// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/migration_request.h"

#include "daemon/workflows/workflow_file.h"
#include "shared/domain/command.h"
#include "shared/util/text.h"

#include <algorithm>

namespace gantry::api {

namespace {

constexpr std::int64_t maxVersion = 1'000'000;
constexpr std::size_t maxMapped = 100; ///< as many as a workflow has steps
constexpr std::size_t nameBytes = 64;

Error badMap(const std::string& pointer)
{
    return {ErrorCode::InvalidValue,
        "The map must pair steps of the old version with steps of the new one, such as pick:gather, each old "
        "one once. Correct it.",
        {{pointer, ErrorCode::InvalidValue, "is not a map of steps"}}};
}

Result<StepMap> mapOf(std::string_view text)
{
    StepMap map;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const std::string_view pair = text.substr(0, end);
        const auto colon = pair.find(':');
        const bool isPair = colon != std::string_view::npos && colon > 0 && colon + 1 < pair.size();
        if (!isPair || map.size() >= maxMapped
            || !map.emplace(pair.substr(0, colon), pair.substr(colon + 1)).second)
            return tl::unexpected(badMap("map"));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return map;
}

Result<int> versionIn(const Call& call, std::string_view name)
{
    if (call.parameter(name).empty())
        return failure(ErrorCode::MissingField,
            "The parameter " + std::string(name) + " is missing: a version of the workflow.",
            {{std::string(name), ErrorCode::MissingField, "is missing"}});
    const auto version = numberOf(call, name, 0, 1, static_cast<std::uint64_t>(maxVersion));
    if (!version)
        return tl::unexpected(version.error());
    return static_cast<int>(*version);
}

int versionIn(ObjectReader& reader, std::string_view name)
{
    const auto version = reader.requiredNatural(name, static_cast<std::uint64_t>(maxVersion));
    if (version == 0 && reader.errors().isEmpty())
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue, "must be 1 or more");
    return static_cast<int>(version);
}

StepMap mapIn(ObjectReader& reader)
{
    StepMap map;
    const auto object = reader.object("map");
    simdjson::dom::object pairs;
    if (!object || object->get(pairs) != simdjson::SUCCESS)
        return map;
    for (const auto& pair : pairs) {
        std::string_view name;
        const bool isName = pair.value.get(name) == simdjson::SUCCESS && !name.empty()
            && name.size() <= nameBytes && !pair.key.empty() && pair.key.size() <= nameBytes;
        if (!isName || map.size() >= maxMapped) {
            reader.errors().add(reader.pointerTo("map"), ErrorCode::InvalidValue,
                "must be an object of up to 100 members: a step's name for a step's name");
            return {};
        }
        map.emplace(pair.key, name);
    }
    return map;
}

std::vector<PlannedOrder> ordersIn(ObjectReader& reader)
{
    std::vector<PlannedOrder> orders;
    const auto array = reader.requiredArray("orders");
    if (!array)
        return orders;
    if (array->size() == 0 || array->size() > maxMovedOrders) {
        reader.errors().add("/orders", ErrorCode::InvalidValue,
            "has " + std::to_string(array->size()) + " orders; 1 to " + std::to_string(maxMovedOrders)
                + " are taken");
        return orders;
    }
    for (const auto element : *array) {
        ObjectReader order(element, "/orders/" + std::to_string(orders.size()), reader.errors());
        const std::string id = order.requiredText("id", 100);
        const auto known = OrderId::fromText(id);
        if (!known && !id.empty())
            reader.errors().add(order.pointerTo("id"), ErrorCode::InvalidValue, "is not an order id (ord_…)");
        const auto version = order.requiredNatural("version", UINT32_MAX);
        order.finish();
        orders.push_back({known.value_or(OrderId()), static_cast<std::uint32_t>(version)});
    }
    return orders;
}

Result<std::shared_ptr<const Workflow>> definitionIn(
    const std::vector<store::WorkflowRecord>& records, const std::string& name, int version)
{
    const std::string title = name + ' ' + std::to_string(version);
    const auto found = std::find_if(records.begin(), records.end(),
        [&](const auto& record) { return record.name == name && record.version == version; });
    if (found == records.end())
        return failure(ErrorCode::NotFound,
            "There is no workflow " + toPlainText(title, 100) + ". List the workflows and choose again.");
    auto workflow = workflows::readWorkflow(found->source, title, nullptr);
    if (!workflow)
        return tl::unexpected(workflow.error());
    return std::make_shared<const Workflow>(std::move(*workflow));
}

} // namespace

Result<MigrationQuestion> readMigrationQuestion(const Call& call)
{
    const auto from = versionIn(call, "from");
    if (!from)
        return tl::unexpected(from.error());
    const auto to = versionIn(call, "to");
    if (!to)
        return tl::unexpected(to.error());
    auto map = mapOf(call.parameter("map"));
    if (!map)
        return tl::unexpected(map.error());
    return MigrationQuestion{call.parts.front(), *from, *to, std::move(*map)};
}

Result<MigrationRequest> readMigrationRequest(const Call& call)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return tl::unexpected(body.error());
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    MigrationRequest request;
    request.question.workflow = call.parts.front();
    request.question.from = versionIn(reader, "from");
    request.question.to = versionIn(reader, "to");
    request.question.map = mapIn(reader);
    request.reason = reader.requiredText("reason", CommandLimits::reason);
    if (!request.reason.empty() && request.reason.find_first_not_of(' ') == std::string::npos)
        errors.add("/reason", ErrorCode::InvalidValue, "must say why");
    request.orders = ordersIn(reader);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The move"));
    return request;
}

bool MigrationPair::hasConditions() const
{
    return std::any_of(
        to->steps.begin(), to->steps.end(), [](const StepDefinition& step) { return step.when.has_value(); });
}

Result<MigrationPair> readMigrationPair(store::StoreReader& reader, const MigrationQuestion& question)
{
    if (question.from == question.to)
        return failure(ErrorCode::InvalidValue,
            "Orders move from one version to another, and both are " + std::to_string(question.to)
                + ". Choose two.",
            {{"to", ErrorCode::InvalidValue, "is the same as from"}});
    const auto records = reader.listWorkflows();
    if (!records)
        return tl::unexpected(records.error());
    auto from = definitionIn(*records, question.workflow, question.from);
    if (!from)
        return tl::unexpected(from.error());
    auto to = definitionIn(*records, question.workflow, question.to);
    if (!to)
        return tl::unexpected(to.error());
    if (auto wrong = checkStepMap(**from, **to, question.map))
        return tl::unexpected(std::move(*wrong));
    return MigrationPair{std::move(*from), std::move(*to), question.map};
}

} // namespace gantry::api
