// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/router.h"
#include "daemon/api/services.h"

#include <vector>

namespace gantry::api {

/// Taking orders in: `POST /v1/orders`, `POST /v1/orders/batch`.
void addIntakeRoutes(std::vector<Route>& routes, const Services& services);

/// Taking signed webhooks in: `POST /v1/intake/{kind}/{source}`. None where the services have no box of secrets.
void addWebhookRoutes(std::vector<Route>& routes, const Services& services);
/// Who may send webhooks: `/v1/intake/sources`. None as above.
void addIntakeSourceRoutes(std::vector<Route>& routes, const Services& services);
/// What came of webhooks: `/v1/intake/deliveries`. None as above.
void addDeliveryRoutes(std::vector<Route>& routes, const Services& services);

/// Looking at orders: lists, one order, its events.
void addOrderRoutes(std::vector<Route>& routes, const Services& services);

/// What needs a person: `GET /v1/incidents`.
void addIncidentRoutes(std::vector<Route>& routes, const Services& services);

/// What can be done to an order: `GET|POST /v1/orders/{id}/actions`.
void addActionRoutes(std::vector<Route>& routes, const Services& services);

/// The log of a partition by sequence: `GET /v1/events`.
void addEventRoutes(std::vector<Route>& routes, const Services& services);

/// What workers ask for and report: `/v1/tasks/…`.
void addTaskRoutes(std::vector<Route>& routes, const Services& services);

/// Stock levels, movements of stock and warehouses.
void addStockRoutes(std::vector<Route>& routes, const Services& services);

/// Workflow definitions, and which channels go by them.
void addWorkflowRoutes(std::vector<Route>& routes, const Services& services);

/// How it stands with the services that workflows call: `GET /v1/services`.
void addServiceRoutes(std::vector<Route>& routes, const Services& services);
/// Moving open orders to another version of their workflow: `GET|POST /v1/workflows/{name}/migration`.
void addMigrationRoutes(std::vector<Route>& routes, const Services& services);

/// One action on many orders: `/v1/bulk-actions`. None where the services have no runner.
void addBulkRoutes(std::vector<Route>& routes, const Services& services);
/// Why an order does not go on: `GET /v1/orders/{id}/waiting`.
void addWaitingRoutes(std::vector<Route>& routes, const Services& services);
/// Setting an order's books right: `POST /v1/orders/{id}/money/corrections`.
void addCorrectionRoutes(std::vector<Route>& routes, const Services& services);

/// Checking the whole store: `/v1/verifications`. None where the services have no verifier.
void addVerificationRoutes(std::vector<Route>& routes, const Services& services);

/// What is paused: `/v1/pauses/…`.
void addPauseRoutes(std::vector<Route>& routes, const Services& services);

/// Who may come in, and with which keys: `/v1/principals`. None where the services know no principals.
void addPrincipalRoutes(std::vector<Route>& routes, const Services& services);

/// Health, metrics, statistics, digest, and the contract of all this.
void addSystemRoutes(std::vector<Route>& routes, const Services& services);

/// The whole API, version 1.
std::vector<Route> makeRoutes(const Services& services);

} // namespace gantry::api
