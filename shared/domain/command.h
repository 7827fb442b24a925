// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/actions.h"
#include "shared/domain/event.h"
#include "shared/domain/migration.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gantry {

/// How long the texts of a command may be, in bytes. A person's reason over it is refused; what a machine says is cut, so that its result
/// is recorded whatever it says.
struct CommandLimits {
    static constexpr std::size_t reason = 1000;
    static constexpr std::size_t code = 100;
    static constexpr std::size_t message = 1000;
};

/// Take a new order in.
struct SubmitOrder {
    std::shared_ptr<const OrderSummary> summary; ///< with workflow and version filled in
};

/// A machine did the step (or, while compensating, undid it).
struct ReportSuccess {
    std::string step;
    std::uint32_t attempt = 1;
    std::string result; ///< a JSON object, or empty
    bool reserves = false; ///< the order holds stock for it from now on
    MoneyChange money{}; ///< if it would break the order's books, the step has failed for good
};

/// A machine could not do the step.
struct ReportFailure {
    std::string step;
    std::uint32_t attempt = 1;
    std::string code; ///< any bytes; recorded as plain text, `unknown` if there is none
    std::string message; ///< any bytes; recorded as plain text
    bool fatal = false; ///< never try again by itself
    std::optional<std::chrono::milliseconds>
        retryAfter{}; ///< the service's own wish, honored as a lower bound
};

/// The time of the next attempt has come.
struct MakeRetryDue { };

/// The time of a timer step has come.
struct ElapseTimer { };

/// The time is over for which the order's stock was reserved.
struct ExpireReservation { };

/// Nobody has taken the attempt that a person's retry made due, and the time for that is over.
struct ReportNotPickedUp {
    std::string step;
    std::uint32_t attempt = 1;
};

/// A hold's time is over.
struct ExpireHold {
    std::string holdId;
};

/// A person acts.
struct TakeAction {
    Action action = Action::Retry;
    std::string reason{}; ///< refused if empty, too long or with control characters
    std::string
        step{}; ///< for Complete and Override: the step meant; empty means the one the order stands at
    std::string holdId{}; ///< for Hold: the new id; for Release: which one, empty means all
    std::optional<Timestamp> expiresAt{}; ///< for Hold
    std::string result{}; ///< for Complete: a JSON object, or empty
    MoneyChange money{}; ///< for Complete and Approve: refused if it would break the order's books
};

/// Set the order's books right: a correcting entry. Asks for the role admin; the order may have ended.
struct CorrectMoney {
    MoneyChange money; ///< refused if it is nothing, or leaves books that do not balance
    std::string reason; ///< refused as an action's
};

/// Go by another definition of the workflow. Asks for the role admin.
struct MigrateWorkflow {
    std::shared_ptr<const Workflow> to{};
    std::vector<std::string>
        notMeant{}; ///< of `to`: what its conditions pass by, to->skippedFor() the document
    StepMap map{}; ///< checkStepMap() has nothing against it
    std::string reason{}; ///< refused as an action's
};

using CommandBody = std::variant<SubmitOrder, ReportSuccess, ReportFailure, MakeRetryDue, ElapseTimer,
    ExpireHold, TakeAction, ReportNotPickedUp, MigrateWorkflow, ExpireReservation, CorrectMoney>;

/// A request that may be refused. Brings time and chance along, so that deciding is pure.
struct Command {
    Timestamp at{};
    std::string actor; ///< `system`, or the principal's name
    RoleRef role{}; ///< of the actor; asked of what persons ask for, and the least unless given
    std::optional<std::uint32_t> expectedVersion{}; ///< refuse unless the order is at this version
    double chance = 0.5; ///< in [0, 1), for jitter
    CommandBody body{};
};

} // namespace gantry
