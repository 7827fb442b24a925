// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/pace.h"
#include "console/client/command_client.h"
#include "shared/protocol/json_reader.h"
#include "shared/util/result.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::console {

/// Makes a client of the chosen profile. Called again after a silence: a restarted daemon may have other addresses.
using ClientFactory = std::function<Result<std::unique_ptr<CommandClient>>()>;

/// A query string, built up parameter by parameter, percent-encoded.
class Query {
public:
    /// Leaves the parameter out when the value is empty.
    Query& add(std::string_view name, std::string_view value);

    /// The path with the query behind it.
    [[nodiscard]] std::string on(std::string_view path) const { return std::string(path) + m_text; }

private:
    std::string m_text;
};

/// A text as one segment of a path, percent-encoded.
std::string pathSegment(std::string_view text);

/// Calls the daemon for a command: waits while it is away or busy, up to a time limit. One thread.
class ApiSession {
public:
    ApiSession(ClientFactory connect, Pace& pace, std::chrono::milliseconds timeout);

    /// Answers with a status of 2xx. Any other is an Error with the problem's code and words. Repeats the call while the daemon is silent
    /// or says to come again: so it must be safe to repeat (GET, PUT, or with a key). Errors: also Unavailable, and those
    /// of the profile.
    Result<ApiAnswer> call(const ApiCall& call);

    /// GET of a path.
    Result<ApiAnswer> get(const std::string& target);

    /// POST of a JSON body under a fresh key, so that a repeat does nothing twice. `ifMatch`: the ETag that the order must have; empty: any.
    Result<ApiAnswer> post(const std::string& target, std::string body, const std::string& ifMatch = {});

    /// PUT of a JSON body.
    Result<ApiAnswer> put(const std::string& target, std::string body);

    /// DELETE with a JSON body.
    Result<ApiAnswer> remove(const std::string& target, std::string body);

private:
    Result<ApiAnswer> attempt(const ApiCall& call, std::chrono::milliseconds timeout);

    ClientFactory m_connect;
    Pace& m_pace;
    std::chrono::milliseconds m_timeout;
    std::unique_ptr<CommandClient> m_client;
};

/// How long a problem answer asks to wait, from its Retry-After header; or the fallback.
std::chrono::milliseconds retryAfter(const ApiAnswer& answer, std::chrono::milliseconds fallback);

} // namespace gantry::console
