// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/workflow.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace gantry::engine {

/// Every workflow definition that an order may stand on, by name and version, and which one new orders get. Immutable after start.
class WorkflowCatalog {
public:
    /// `standard` is what new orders get.
    explicit WorkflowCatalog(Workflow standard)
        : m_forNew(add(std::move(standard)))
    {
    }

    /// What a new order runs through.
    [[nodiscard]] const Workflow& forNewOrder() const noexcept { return *m_forNew; }

    /// The definition an order is on; null if it is not known here.
    [[nodiscard]] const Workflow* find(const std::string& name, int version) const
    {
        const auto found = m_workflows.find({name, version});
        return found == m_workflows.end() ? nullptr : found->second.get();
    }

private:
    const Workflow* add(Workflow workflow)
    {
        const std::pair<std::string, int> key{workflow.name, workflow.version};
        return m_workflows.insert_or_assign(key, std::make_unique<const Workflow>(std::move(workflow)))
            .first->second.get();
    }

    std::map<std::pair<std::string, int>, std::unique_ptr<const Workflow>> m_workflows;
    const Workflow* m_forNew;
};

} // namespace gantry::engine
