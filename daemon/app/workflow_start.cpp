// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/workflow_start.h"

#include "daemon/engine/workflow_desk.h"
#include "daemon/steps/step_factory.h"
#include "daemon/workflows/shipped.h"
#include "daemon/workflows/workflow_file.h"

namespace gantry::app {

namespace {

/// Which definitions are there. Errors: the store's; VersionMismatch.
Result<void> loadStored(engine::WorkflowCatalog& catalog, store::StoreReader& reader)
{
    const auto stored = reader.listWorkflows();
    if (!stored)
        return tl::unexpected(stored.error());
    for (const store::WorkflowRecord& record : *stored) {
        const std::string title = record.name + ' ' + std::to_string(record.version);
        auto workflow = workflows::readWorkflow(record.source, "workflow " + title, nullptr);
        if (!workflow)
            return failure(ErrorCode::VersionMismatch,
                "The stored workflow " + title + " can't be read by this version of Gantry. "
                    + workflow.error().message + " Start the version that it was stored with.");
        catalog.add(std::move(*workflow));
    }
    return {};
}

Result<void> loadChoices(engine::WorkflowCatalog& catalog, store::StoreReader& reader)
{
    const auto choices = reader.listWorkflowChoices();
    if (!choices)
        return tl::unexpected(choices.error());
    for (const store::WorkflowChoice& choice : *choices)
        if (!catalog.choose(choice.channel, choice.name, choice.version))
            return failure(ErrorCode::Corrupt,
                "Channel " + choice.channel + " has the workflow " + choice.name + ' '
                    + std::to_string(choice.version)
                    + ", which the store does not hold. Stop the daemon and restore the last backup.");
    return {};
}

/// Stores what the program brings along and the store does not have; what is there stays as it is.
Result<void> addShipped(engine::WorkflowDesk& desk, const engine::WorkflowCatalog& catalog)
{
    const workflows::Handlers handlers = steps::knownHandlers();
    for (const workflows::ShippedFile& file : workflows::shippedFiles()) {
        auto workflow = workflows::readWorkflow(file.text, std::string(file.name), &handlers);
        if (!workflow)
            return tl::unexpected(workflow.error());
        if (catalog.find(workflow->name, workflow->version))
            continue;
        const auto put = desk.put({std::make_shared<const Workflow>(std::move(*workflow)),
            std::string(file.text), "system", nullptr});
        if (!put)
            return tl::unexpected(put.error());
    }
    return {};
}

} // namespace

Result<void> openWorkflows(engine::WorkflowCatalog& catalog, store::PartitionStore& partition,
    store::StoreReader& reader, const Clock& clock)
{
    engine::WorkflowDesk desk(catalog, partition, clock);
    return loadStored(catalog, reader)
        .and_then([&] { return addShipped(desk, catalog); })
        .and_then([&] { return loadChoices(catalog, reader); })
        .and_then([&]() -> Result<void> {
            if (catalog.chosenFor(std::string()))
                return {};
            return desk.choose({"standard", 1, {std::string()}, "system", nullptr});
        });
}

} // namespace gantry::app
