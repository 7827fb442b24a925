// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>
#include <QTcpServer>
#include <functional>
#include <map>

namespace gantry::test {

/// A server on loopback that says whatever the test wants it to, on the test's own event loop.
class StubService final : public QTcpServer {
public:
    /// Called with each whole request; writes to the connection, or closes it, or does nothing.
    using Answer = std::function<void(QSslSocket& connection, const QByteArray& request)>;

    explicit StubService(Answer answer);

    /// Speaks TLS from now on.
    void setTls(const QSslCertificate& certificate, const QSslKey& key);

    /// Answers otherwise from now on.
    void setAnswer(Answer answer) { m_answer = std::move(answer); }

    [[nodiscard]] const QList<QByteArray>& requests() const { return m_requests; }
    [[nodiscard]] int connections() const { return m_connections; }

    /// A whole answer with a body of JSON, and further headers as lines.
    static QByteArray reply(int status, const QByteArray& body, const QByteArray& headers = {});

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    void takeBytes(QSslSocket* connection);

    Answer m_answer;
    QSslCertificate m_certificate;
    QSslKey m_key;
    std::map<QSslSocket*, QByteArray> m_received;
    QList<QByteArray> m_requests;
    int m_connections = 0;
};

/// The value of a request's header; null if it is not there.
QByteArray headerOf(const QByteArray& request, const QByteArray& name);

/// What stands behind a request's headers.
QByteArray bodyOf(const QByteArray& request);

} // namespace gantry::test
