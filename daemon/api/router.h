// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/api/rate_limiter.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::api {

/// Which right a route asks for; in which channel, at which warehouse and up to which amount, is decided where that is known.
enum class Access {
    Public, ///< no key needed
    Orders, ///< orders.read: the route shows only what the role's scope has
    AllOrders, ///< orders.read in every channel: the route tells of all orders at once
    Everything, ///< orders.read in every channel and unmasked: what is told may be personal
    Reader, ///< system.read
    Worker, ///< the right to some action on orders
    Stock, ///< stock.change
    Tasks, ///< tasks.work
    Writer, ///< orders.submit
    Deliveries, ///< deliveries.use
    Money, ///< money.correct
    Admin, ///< manage
};

/// Why a role may not use such a route at all. Empty if it may.
std::optional<Error> refusalOf(Access access, const RoleRef& role);

/// One method on one path. `path` has `{}` for a placeholder: `/v1/orders/{}/events`.
struct Route {
    std::string method;
    std::string path;
    Access access = Access::Writer;
    std::vector<std::string> parameters; ///< names of query parameters that are known
    std::function<void(Call, const ApiReply&)> handle;
};

/// Finds the route of a request, checks who is asking, and refuses what no route knows. Immutable after it is made; any thread.
class Router {
public:
    /// `rates`: how often a principal may ask over HTTP; outlives the router, and may be null. Peers of the bus are bounded by what they may have under way.
    Router(std::vector<Route> routes, const Principals& principals, RateLimiter* rates = nullptr);

    /// Every method on every path there is.
    [[nodiscard]] const std::vector<Route>& routes() const noexcept { return m_routes; }

    /// Answers every request, whatever it is: exactly once.
    void handle(ApiRequest request, const ApiReply& reply) const;

private:
    struct Match {
        const Route* route = nullptr;
        std::vector<std::string> parts;
        std::string
            allowed; ///< what the path takes, as `Allow` lists it; empty if the path is not known. Not told with a route
    };
    [[nodiscard]] Match match(const ApiRequest& request) const;
    [[nodiscard]] Result<Principal> authenticate(const ApiRequest& request, Access access) const;
    /// How long the principal has to wait before it may ask again; empty: it need not.
    [[nodiscard]] std::optional<std::chrono::milliseconds> waitOf(
        const ApiRequest& request, Access access, const Principal& principal) const;

    std::vector<Route> m_routes;
    const Principals& m_principals;
    RateLimiter* m_rates;
};

} // namespace gantry::api
