// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/profile.h"
#include "shared/util/result.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gantry::console {

/// A request in the terms of the REST API, carried over the command socket.
struct ApiCall {
    std::string method; ///< GET, POST, PUT
    std::string target; ///< path and query: `/v1/orders?state=failed`
    std::string body{};
    std::vector<std::pair<std::string, std::string>>
        headers{}; ///< lower case names, e.g. `idempotency-key`, `if-match`
};

/// The daemon's answer: the status and body that HTTP would give.
struct ApiAnswer {
    int status = 0;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers{};
};

/// Calls the daemon and waits: for gantryctl and tests, not for anything with a user interface. One thread.
class CommandClient {
public:
    /// Does not wait for the daemon to be there. Errors: InvalidValue (keys or addresses that can't be used).
    static Result<std::unique_ptr<CommandClient>> open(const Profile& profile);

    virtual ~CommandClient() = default;

    /// One call. Errors: Unavailable (no answer within `timeout`, a lost connection, a signal; whether it was done is unknown, repeat it with the same key).
    /// A problem document is an answer, not an error.
    virtual Result<ApiAnswer> call(const ApiCall& call, std::chrono::milliseconds timeout) = 0;

    /// Sends a call without waiting and gives its number; up to any number may be under way.
    virtual Result<std::uint64_t> send(const ApiCall& call) = 0;

    /// Waits for the next answer to any call under way. Errors: Unavailable (silence for `timeout`, a lost connection, a signal),
    /// Unauthenticated (the key is refused). After an error nothing is under way any more; whether it was done is unknown.
    virtual Result<std::pair<std::uint64_t, ApiAnswer>> receive(std::chrono::milliseconds timeout) = 0;
};

} // namespace gantry::console
