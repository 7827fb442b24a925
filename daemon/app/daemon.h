// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/app/config.h"
#include "shared/util/clock.h"
#include "shared/util/result.h"

#include <functional>
#include <memory>
#include <string>

namespace gantry::app {

/// Where the daemon can be reached.
struct Addresses {
    std::string http;
    std::string commands;
    std::string events;
    std::string workers;
};

/// The whole daemon: puts the rooms together, and takes them apart in the right sequence. Main thread.
class Daemon {
public:
    /// Opens the store, recovers, listens, and writes DIR/gantryd.addr. `onFailure`: called from any thread when it can't go on; the process
    /// must then end at once.
    static Result<std::unique_ptr<Daemon>> start(
        const Config& config, std::function<void(const Error&)> onFailure);

    /// Drains: no new work, what is in hand is committed and answered; then stops everything.
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    [[nodiscard]] const Addresses& addresses() const;

    /// Reads the TLS certificate and its key anew, for connections to come. With any error the ones before stay. Gives what to tell a person. Errors:
    /// those of loadRenewedCertificate(); InvalidValue where plain HTTP is spoken.
    Result<std::string> reloadCertificate();

    /// What to say of a certificate that callers refuse, or soon will; empty if all is well.
    [[nodiscard]] std::string certificateWarning() const;

private:
    class Rooms;
    explicit Daemon(std::unique_ptr<Rooms> rooms);
    std::unique_ptr<Rooms> m_rooms;
};

} // namespace gantry::app
