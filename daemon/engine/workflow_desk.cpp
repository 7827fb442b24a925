// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/workflow_desk.h"

namespace gantry::engine {

Result<bool> WorkflowDesk::put(const StoreWorkflow& command)
{
    const Workflow& workflow = *command.workflow;
    const store::WorkflowRecord record{
        workflow.name, workflow.version, command.source, m_clock.now(), command.actor};
    auto stored = m_store.putWorkflow(record);
    if (stored && !m_store.isRehearsing())
        m_catalog.add(workflow);
    return stored;
}

Result<void> WorkflowDesk::choose(const ChooseWorkflow& command)
{
    const Workflow* workflow = m_catalog.find(command.name, command.version);
    if (!command.name.empty() && !workflow)
        return failure(ErrorCode::NotFound,
            "There is no workflow " + command.name + ' ' + std::to_string(command.version)
                + ". Store it first, or choose another.");
    std::vector<store::WorkflowChoice> choices;
    for (const std::string& channel : command.channels)
        if (m_catalog.chosenFor(channel) != workflow)
            choices.push_back({channel, command.name, command.version, m_clock.now(), command.actor});
    if (choices.empty())
        return {};
    if (auto stored = m_store.addWorkflowChoices(choices); !stored)
        return stored;
    if (m_store.isRehearsing())
        return {};
    for (const store::WorkflowChoice& choice : choices) {
        if (choice.name.empty())
            m_catalog.unchoose(choice.channel);
        else
            static_cast<void>(m_catalog.choose(choice.channel, choice.name, choice.version));
    }
    return {};
}

} // namespace gantry::engine
