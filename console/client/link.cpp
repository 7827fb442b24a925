// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/link.h"

#include "console/client/link_thread.h"

#include <unordered_map>

namespace gantry::console {

namespace {

/// The link's half on its owner's thread: hands calls to the ZeroMQ thread, and what comes back to whoever waits.
class ZmqLink final : public Link {
public:
    ZmqLink(const Profile& profile, QObject* parent)
        : Link(parent)
        , m_thread(std::make_unique<LinkThread>(profile, [this] {
            QMetaObject::invokeMethod(
                this, [this] { takeDelivery(); }, Qt::QueuedConnection);
        }))
    {
    }

    ~ZmqLink() override { m_thread.reset(); }

    void call(ApiCall call, std::function<void(Result<ApiAnswer>)> done) override
    {
        m_calls.emplace(++m_lastNumber, std::move(done));
        m_thread->call(m_lastNumber, std::move(call));
    }

    void digest(std::function<void(ReplicaDigest)> done) override
    {
        m_digests.emplace(++m_lastNumber, std::move(done));
        m_thread->digest(m_lastNumber);
    }

    [[nodiscard]] LinkStatus status() const override { return m_status; }

private:
    void takeDelivery()
    {
        LinkDelivery delivery = m_thread->takeDelivery();
        if (delivery.change)
            Q_EMIT replicaChanged(delivery.change);
        if (delivery.status) {
            m_status = *delivery.status;
            Q_EMIT statusChanged(m_status);
        }
        for (auto& [number, answer] : delivery.answers)
            if (auto node = m_calls.extract(number))
                node.mapped()(std::move(answer));
        for (auto& [number, digest] : delivery.digests)
            if (auto node = m_digests.extract(number))
                node.mapped()(digest);
    }

    std::unordered_map<std::uint64_t, std::function<void(Result<ApiAnswer>)>> m_calls;
    std::unordered_map<std::uint64_t, std::function<void(ReplicaDigest)>> m_digests;
    std::uint64_t m_lastNumber = 0;
    LinkStatus m_status;
    std::unique_ptr<LinkThread> m_thread;
};

} // namespace

std::unique_ptr<Link> Link::open(const Profile& profile, QObject* parent)
{
    return std::make_unique<ZmqLink>(profile, parent);
}

} // namespace gantry::console
