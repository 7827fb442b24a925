// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"

#include <memory>

namespace gantry::api {

namespace {

/// Takes messages in only to have it told what would become of them.
class RehearsalInbox final : public engine::Inbox {
public:
    explicit RehearsalInbox(engine::Inbox& inbox)
        : m_inbox(inbox)
    {
    }
    [[nodiscard]] bool post(engine::Message message) override
    {
        std::vector<engine::Message> one;
        one.push_back(std::move(message));
        return postAll(std::move(one)) > 0;
    }
    [[nodiscard]] std::size_t postAll(std::vector<engine::Message> messages) override
    {
        const std::size_t count = messages.size();
        auto rehearsed =
            std::make_shared<engine::RehearsedMessages>(engine::RehearsedMessages{std::move(messages)});
        return m_inbox.post(engine::Rehearsal{std::move(rehearsed)}) ? count : 0;
    }

private:
    engine::Inbox& m_inbox;
};

std::vector<Route> makeRoutesOnce(const Services& services)
{
    std::vector<Route> routes;
    // Intake first: routes are tried in sequence, and most requests are these.
    addIntakeRoutes(routes, services);
    addWebhookRoutes(routes, services);
    addTaskRoutes(routes, services);
    addActionRoutes(routes, services);
    addOrderRoutes(routes, services);
    addIncidentRoutes(routes, services);
    addEventRoutes(routes, services);
    addStockRoutes(routes, services);
    addMigrationRoutes(routes, services); // before: a version is no word
    addWorkflowRoutes(routes, services);
    addServiceRoutes(routes, services);
    addBulkRoutes(routes, services);
    addPauseRoutes(routes, services);
    addCorrectionRoutes(routes, services);
    addVerificationRoutes(routes, services);
    addWaitingRoutes(routes, services);
    addPrincipalRoutes(routes, services);
    addPeopleRoutes(routes, services);
    addRoleRoutes(routes, services);
    addIntakeSourceRoutes(routes, services);
    addDeliveryRoutes(routes, services);
    addSystemRoutes(routes, services);
    return routes;
}

} // namespace

std::vector<Route> makeRoutes(const Services& services)
{
    auto routes = makeRoutesOnce(services);
    // The same routes once more, with an inbox that only rehearses: no route needs to know of `dry_run`.
    const auto inbox = std::make_shared<RehearsalInbox>(services.inbox);
    auto twins = makeRoutesOnce(withInbox(services, *inbox));
    for (std::size_t i = 0; i < routes.size(); ++i) {
        if (routes[i].method == "GET" || !routes[i].isRehearsable)
            continue;
        routes[i].parameters.emplace_back("dry_run");
        routes[i].rehearse = [inbox, handle = std::move(twins[i].handle)](
                                 Call call, const ApiReply& reply) { handle(std::move(call), reply); };
    }
    return routes;
}

} // namespace gantry::api
