// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/link.h"
#include "tests/console/support/fake_daemon.h"

#include <deque>

namespace gantry::test {

/// A link to a FakeDaemon in the same process. Calls are answered through the event loop, like real ones, unless a test says otherwise.
class FakeLink final : public console::Link {
    Q_OBJECT
public:
    /// `daemon` must outlive it.
    explicit FakeLink(FakeDaemon& daemon, QObject* parent = nullptr);

    void call(console::ApiCall call, std::function<void(Result<console::ApiAnswer>)> done) override;
    void digest(std::function<void(console::ReplicaDigest)> done) override;
    [[nodiscard]] console::LinkStatus status() const override { return m_status; }

    /// Tells a status.
    void setStatus(console::LinkState state, Timestamp since, std::string detail = {});

    /// Goes live with everything that is open.
    void goLive(Timestamp at);

    /// Tells what changed in the daemon since the last time.
    void publish();

    /// What the next call gets instead of the daemon's answer.
    void answerNextWith(Result<console::ApiAnswer> answer) { m_planned.push_back(std::move(answer)); }

    /// While silent, calls stay without an answer; later answerAll() gives them.
    void setSilent(bool silent) { m_silent = silent; }
    void answerAll();

    /// Who the daemon takes us for.
    void setPrincipal(std::string name, Role role);

    /// Every call made, in sequence; those with that method and a target that contains the text.
    [[nodiscard]] const std::vector<console::ApiCall>& calls() const { return m_calls; }
    [[nodiscard]] std::vector<console::ApiCall> calls(std::string_view method, std::string_view part) const;

private:
    struct Waiting {
        console::ApiCall call;
        std::function<void(Result<console::ApiAnswer>)> done;
    };
    void answer(const Waiting& waiting);

    FakeDaemon& m_daemon;
    console::LinkStatus m_status;
    std::string m_principal = "ann";
    Role m_role = Role::Admin;
    bool m_silent = false;
    std::deque<Result<console::ApiAnswer>> m_planned;
    std::vector<Waiting> m_waiting;
    std::vector<console::ApiCall> m_calls;
};

} // namespace gantry::test
