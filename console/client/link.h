// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/command_client.h"
#include "console/client/profile.h"
#include "shared/domain/order.h"
#include "shared/protocol/event_codec.h"

#include <QObject>
#include <functional>
#include <memory>
#include <vector>

namespace gantry::console {

/// How far what the console shows can be trusted.
enum class LinkState {
    Connecting, ///< nothing shown yet
    Live, ///< equal to the daemon but for what is on the wire
    Resyncing, ///< connected, catching up
    Stale, ///< the daemon is silent: what is shown is as of `since`
};

struct LinkStatus {
    LinkState state = LinkState::Connecting;
    Timestamp since{}; ///< when this state began; for Stale: when the daemon was last heard
    std::string detail; ///< one sentence for a person, e.g. why it can't connect
};

/// What changed in the replica since the last change told. Immutable.
struct ReplicaChange {
    bool reset = false; ///< forget everything before: `changed` is the whole set
    std::vector<std::shared_ptr<const Order>>
        changed; ///< open orders, new or changed, each once, by ascending id
    std::vector<OrderId> removed; ///< no longer open; by ascending id, none of them in `changed`
    std::vector<LoggedEvent> events; ///< the events behind it, newest last, at most the last 1,000
    std::uint64_t closedCount = 0; ///< how many orders ended in this change
    std::uint64_t receivedCount = 0; ///< how many orders were new in this change
};

/// The digest of the replica, to hold against the daemon's (`GET /v1/digest`).
struct ReplicaDigest {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
    std::uint64_t digest = 0;
    std::uint64_t count = 0;
};

/// The console's connection: one ZeroMQ thread that joins the event feed by Clone, keeps the replica of all open orders, and carries
/// calls. Lives on the thread that made it; signals come there, coalesced to one each 50 ms at most. Never blocks that thread.
class Link : public QObject {
    Q_OBJECT
public:
    /// Starts connecting, and goes on for ever: through restarts of the daemon, too.
    static std::unique_ptr<Link> open(const Profile& profile, QObject* parent = nullptr);

    using QObject::QObject;
    ~Link() override = default;

    /// Calls the daemon; `done` runs on this object's thread, also when the call fails (Unavailable) or times out.
    virtual void call(ApiCall call, std::function<void(Result<ApiAnswer>)> done) = 0;

    /// Asks the ZeroMQ thread for the replica's digest.
    virtual void digest(std::function<void(ReplicaDigest)> done) = 0;

    [[nodiscard]] virtual LinkStatus status() const = 0;

Q_SIGNALS:
    void statusChanged(const gantry::console::LinkStatus& status);
    void replicaChanged(std::shared_ptr<const gantry::console::ReplicaChange> change);
};

} // namespace gantry::console
