// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/api/rate_limiter.h"
#include "daemon/api/sessions.h"
#include "daemon/api/waiting_calls.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::api {

/// Which right a route asks for; in which channel, at which warehouse and up to which amount, is decided where that is known.
enum class Access {
    Public, ///< no key needed
    Anybody, ///< whoever has come in: it is about oneself
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

/// How long a route is still served: RFC 9745 and RFC 8594.
struct Retirement {
    std::chrono::sys_seconds deprecatedAt; ///< from when on it should not be used any more
    std::optional<std::chrono::sys_seconds> sunsetAt{}; ///< from when on it may be gone; empty: not decided
    std::string successor{}; ///< the path to use instead; may be empty
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
    std::function<void(Call, const ApiReply&)>
        rehearse{}; ///< for `dry_run=true`; empty where that is not known
    std::optional<Retirement> retirement{}; ///< set where the route is on its way out
    bool waits =
        false; ///< may answer late: who loses the key meanwhile is answered at once, and gets nothing else
    bool isRehearsable = true; ///< a write that takes `dry_run`: not one that hands out a secret of its own
    bool mayComeFirst = false; ///< open to a person who has to change the password before anything else
};

/// Finds the route of a request, checks who is asking, and refuses what no route knows. Immutable after it is made; any thread.
class Router {
public:
    /// `rates`: how often a principal may ask over HTTP; outlives the router, and may be null. Peers of the bus are bounded by what they may have under way.
    /// `waiting`: where requests stay that wait; outlives the router, and may be null. `sessions`: of people who have logged in; outlives it,
    /// and may be null.
    Router(std::vector<Route> routes, const Principals& principals, RateLimiter* rates = nullptr,
        WaitingCalls* waiting = nullptr, const Sessions* sessions = nullptr);

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
    [[nodiscard]] std::optional<Principal> whoIs(const ApiRequest& request) const;
    [[nodiscard]] std::optional<Principal> byKey(const ApiRequest& request, std::string_view bearer) const;
    [[nodiscard]] Result<Principal> authenticate(const ApiRequest& request, const Route& route) const;
    /// The reply of a request that may wait: who loses the key meanwhile is answered at once.
    [[nodiscard]] ApiReply guarded(
        const ApiRequest& request, const Route& route, const ApiReply& reply) const;
    /// What the principal's limit says to this request; empty where it has none.
    [[nodiscard]] std::optional<RateVerdict> rateOf(
        const ApiRequest& request, Access access, const Principal& principal) const;
    /// The reply of a request, which adds to its answer what there is to say of the route and the limit.
    [[nodiscard]] ApiReply adding(
        const ApiReply& reply, const Route& route, const std::optional<RateVerdict>& rate) const;

    std::vector<Route> m_routes;
    const Principals& m_principals;
    RateLimiter* m_rates;
    std::string m_ratePolicy; ///< the value of RateLimit-Policy
    WaitingCalls* m_waiting;
    const Sessions* m_sessions;
};

} // namespace gantry::api
