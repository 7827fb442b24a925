// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/steps/stub_service.h"

namespace gantry::test {

StubService::StubService(Answer answer)
    : m_answer(std::move(answer))
{
    if (!listen(QHostAddress::LocalHost))
        qFatal("no port to listen at: %s", qPrintable(errorString()));
}

void StubService::setTls(const QSslCertificate& certificate, const QSslKey& key)
{
    m_certificate = certificate;
    m_key = key;
}

QByteArray StubService::reply(int status, const QByteArray& body, const QByteArray& headers)
{
    return "HTTP/1.1 " + QByteArray::number(status) + " Whatever\r\n" + headers
        + "Content-Type: application/json\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n"
        + body;
}

void StubService::incomingConnection(qintptr descriptor)
{
    ++m_connections;
    auto* connection = new QSslSocket(this);
    connection->setSocketDescriptor(descriptor);
    connect(connection, &QSslSocket::readyRead, this, [this, connection] { takeBytes(connection); });
    connect(connection, &QSslSocket::disconnected, this, [this, connection] {
        m_received.erase(connection);
        connection->deleteLater();
    });
    if (m_key.isNull())
        return;
    connection->setLocalCertificate(m_certificate);
    connection->setPrivateKey(m_key);
    connection->startServerEncryption();
}

void StubService::takeBytes(QSslSocket* connection)
{
    QByteArray& received = m_received[connection];
    received += connection->readAll();
    const auto head = received.indexOf("\r\n\r\n");
    if (head < 0 || received.size() < head + 4 + headerOf(received, "Content-Length").toLongLong())
        return;
    m_requests.append(std::exchange(received, {}));
    m_answer(*connection, m_requests.back());
}

QByteArray headerOf(const QByteArray& request, const QByteArray& name)
{
    const QByteArray head = request.left(request.indexOf("\r\n\r\n"));
    for (const QByteArray& line : head.split('\n'))
        if (line.size() > name.size() && line[name.size()] == ':'
            && line.left(name.size()).compare(name, Qt::CaseInsensitive) == 0)
            return line.mid(name.size() + 1).trimmed();
    return {};
}

QByteArray bodyOf(const QByteArray& request)
{
    return request.mid(request.indexOf("\r\n\r\n") + 4);
}

} // namespace gantry::test
