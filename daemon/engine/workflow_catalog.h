// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/workflow.h"

#include <QtGlobal>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::engine {

/// Every workflow definition that an order may stand on, by name and version, and which one the new orders of a channel get. Used by one thread:
/// filled at start, then the partition's. A definition that was added stays where it is and never changes.
class WorkflowCatalog {
public:
    WorkflowCatalog() = default;

    /// With this one for all channels.
    explicit WorkflowCatalog(Workflow standard)
    {
        const std::string name = standard.name;
        const int version = standard.version;
        add(std::move(standard));
        static_cast<void>(choose({}, name, version));
    }

    /// Takes a definition in; one that is there already is kept.
    void add(Workflow workflow)
    {
        std::pair<std::string, int> key{workflow.name, workflow.version};
        m_workflows.try_emplace(std::move(key), std::make_unique<const Workflow>(std::move(workflow)));
    }

    /// What the new orders of a channel get from now on; channel "": of all channels without a choice of their own. False: no such definition, and
    /// nothing was changed.
    [[nodiscard]] bool choose(const std::string& channel, const std::string& name, int version)
    {
        const Workflow* workflow = find(name, version);
        if (workflow)
            m_choices[channel] = workflow;
        return workflow != nullptr;
    }

    /// The channel goes by the choice for all channels again.
    void unchoose(const std::string& channel)
    {
        if (!channel.empty())
            m_choices.erase(channel);
    }

    /// What a channel has chosen itself; null if nothing.
    [[nodiscard]] const Workflow* chosenFor(const std::string& channel) const
    {
        const auto found = m_choices.find(channel);
        return found == m_choices.end() ? nullptr : found->second;
    }

    /// What a new order of a channel runs through.
    [[nodiscard]] const Workflow& forChannel(std::string_view channel) const
    {
        auto found = m_choices.find(channel);
        if (found == m_choices.end())
            found = m_choices.find(std::string_view());
        Q_ASSERT(found != m_choices.end()); // chosen before the first order comes
        return *found->second;
    }

    /// The definition an order is on; null if it is not known here.
    [[nodiscard]] const Workflow* find(const std::string& name, int version) const
    {
        const auto found = m_workflows.find({name, version});
        return found == m_workflows.end() ? nullptr : found->second.get();
    }

    /// Shows every definition.
    template <typename Visit>
    void forEach(Visit&& visit) const
    {
        for (const auto& [key, workflow] : m_workflows)
            visit(*workflow);
    }

private:
    std::map<std::pair<std::string, int>, std::unique_ptr<const Workflow>> m_workflows;
    std::map<std::string, const Workflow*, std::less<>> m_choices; ///< by channel
};

} // namespace gantry::engine
