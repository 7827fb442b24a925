// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"

namespace gantry::api {

std::vector<Route> makeRoutes(const Services& services)
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
    addRoleRoutes(routes, services);
    addIntakeSourceRoutes(routes, services);
    addDeliveryRoutes(routes, services);
    addSystemRoutes(routes, services);
    return routes;
}

} // namespace gantry::api
