// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/http_exchange.h"

#include "daemon/steps/address_guard.h"

#include <QHostInfo>
#include <QNetworkProxy>
#include <QSslError>

namespace gantry::steps {

namespace {

constexpr qsizetype mostAddresses = 4; ///< of one name are tried
constexpr qint64 readBytes = 64LL * 1024; ///< that a socket keeps for us

std::string textOf(std::chrono::milliseconds span)
{
    return std::to_string(span.count()) + " ms";
}

} // namespace

Resolver systemResolver()
{
    return [](const QString& name, QObject* context, auto found) {
        QHostInfo::lookupHost(name, context, [found = std::move(found)](const QHostInfo& info) {
            found(info.addresses(), info.errorString());
        });
    };
}

HttpExchange::HttpExchange(const HttpService& service, const QSslConfiguration& tls, const Resolver& resolver,
    std::string request, std::chrono::milliseconds timeout)
    : m_service(service)
    , m_tls(tls)
    , m_resolver(resolver)
    , m_request(std::move(request))
    , m_timeout(timeout)
    , m_total(this)
    , m_connect(this)
    , m_address(this)
{
    for (QTimer* timer : {&m_total, &m_connect, &m_address})
        timer->setSingleShot(true);
    connect(&m_address, &QTimer::timeout, this, &HttpExchange::tryNextAddress);
    connect(&m_total, &QTimer::timeout, this,
        [this] { finish(CallTrouble::Timeout, "no whole answer within " + textOf(m_timeout)); });
    connect(&m_connect, &QTimer::timeout, this, [this] {
        finish(CallTrouble::ConnectFailed, "no connection within " + textOf(m_service.connectTimeout));
    });
}

void HttpExchange::start(SocketPointer idle, Finished finished)
{
    m_finished = std::move(finished);
    m_total.start(m_timeout);
    m_isReused = idle != nullptr;
    if (!m_isReused)
        return connectAnew();
    m_socket = std::move(idle);
    connect(m_socket.get(), &QSslSocket::errorOccurred, this, &HttpExchange::onError);
    send();
}

void HttpExchange::abandon()
{
    m_finished = nullptr;
    stopTimers();
    if (m_socket)
        m_socket->disconnect(this);
    m_socket.reset();
}

SocketPointer HttpExchange::takeConnection()
{
    if (!m_isReusable || !m_socket)
        return nullptr;
    m_socket->disconnect(this);
    return std::move(m_socket);
}

void HttpExchange::connectAnew()
{
    m_isReused = false;
    m_isSent = false;
    m_addresses.clear();
    m_connect.start(m_service.connectTimeout);
    const QString host = QString::fromStdString(m_service.host);
    const QHostAddress literal(host);
    if (!literal.isNull())
        return takeAddresses({literal}, {});
    m_resolver(host, this,
        [this](const QList<QHostAddress>& found, const QString& error) { takeAddresses(found, error); });
}

void HttpExchange::takeAddresses(const QList<QHostAddress>& found, const QString& error)
{
    if (!m_finished || m_socket)
        return; // too late
    if (found.isEmpty())
        return finish(CallTrouble::ConnectFailed, "its name leads nowhere: " + error.toStdString());
    QString refused;
    for (const QHostAddress& address : found) {
        if (!m_service.allowsPrivate && !isPublicAddress(address))
            refused = address.toString();
        else if (m_addresses.size() < mostAddresses)
            m_addresses.append(address);
    }
    if (m_addresses.isEmpty())
        return finish(CallTrouble::AddressRefused, refused.toStdString());
    tryNextAddress();
}

void HttpExchange::tryNextAddress()
{
    m_socket.reset(new QSslSocket);
    QSslSocket* socket = m_socket.get();
    // To the address that was looked at, without another look-up. The certificate is held against the name.
    socket->setProxy(QNetworkProxy::NoProxy);
    socket->setReadBufferSize(readBytes);
    connect(socket, &QSslSocket::errorOccurred, this, &HttpExchange::onError);
    const QString address = m_addresses.takeFirst().toString();
    m_address.stop();
    if (!m_addresses.isEmpty()) // one that says nothing leaves the others their share of the time
        m_address.start(std::chrono::milliseconds(m_connect.remainingTime() / (m_addresses.size() + 1)));
    if (m_service.isTls) {
        socket->setSslConfiguration(m_tls);
        connect(socket, &QSslSocket::encrypted, this, &HttpExchange::send);
        socket->connectToHostEncrypted(address, m_service.port, QString::fromStdString(m_service.host));
    } else {
        connect(socket, &QSslSocket::connected, this, &HttpExchange::send);
        socket->connectToHost(address, m_service.port);
    }
}

void HttpExchange::send()
{
    m_connect.stop();
    m_address.stop();
    m_isSent = true;
    m_wasSent = true;
    m_parser.emplace(m_service.maxResponseBytes);
    connect(m_socket.get(), &QSslSocket::readyRead, this, &HttpExchange::onReadable);
    connect(m_socket.get(), &QSslSocket::disconnected, this, &HttpExchange::onEnd);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_socket->write(m_request.data(), static_cast<qint64>(m_request.size()));
}

void HttpExchange::onError(QAbstractSocket::SocketError error)
{
    if (!m_finished)
        return;
    if (!m_isSent)
        onConnectError(error);
    else
        onEnd();
}

void HttpExchange::onConnectError(QAbstractSocket::SocketError error)
{
    std::string detail = m_socket->errorString().toStdString();
    const bool isTls = error == QAbstractSocket::SslHandshakeFailedError
        || error == QAbstractSocket::SslInternalError || error == QAbstractSocket::SslInvalidUserDataError
        || (m_service.isTls && error == QAbstractSocket::RemoteHostClosedError);
    if (isTls)
        finish(CallTrouble::TlsFailed, std::move(detail));
    else if (!m_addresses.isEmpty())
        tryNextAddress();
    else
        finish(CallTrouble::ConnectFailed, std::move(detail));
}

void HttpExchange::onReadable()
{
    while (m_finished && m_socket && m_socket->bytesAvailable() > 0) {
        const QByteArray bytes = m_socket->read(readBytes);
        take(m_parser->feed({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
    }
}

void HttpExchange::onEnd()
{
    onReadable(); // what had come before
    if (!m_finished)
        return;
    if (m_isReused && !m_parser->hasBegun()) {
        // The service had closed the idle connection, or did so as the request came: the same key once more is safe.
        m_socket.reset();
        return connectAnew();
    }
    if (!m_parser->hasBegun())
        return finish(CallTrouble::ConnectionLost, "the connection was closed without an answer");
    if (m_parser->end() == ResponseParser::Progress::Done)
        finish(CallTrouble::None);
    else
        finish(CallTrouble::ConnectionLost, "the connection was closed in the middle of the answer");
}

void HttpExchange::take(ResponseParser::Progress progress)
{
    switch (progress) {
    case ResponseParser::Progress::NeedMore: return;
    case ResponseParser::Progress::Done:
        m_isReusable = m_parser->keepsAlive() && m_socket->bytesToWrite() == 0
            && m_socket->bytesAvailable() == 0 && m_socket->state() == QAbstractSocket::ConnectedState;
        return finish(CallTrouble::None);
    case ResponseParser::Progress::TooLarge:
        return finish(CallTrouble::TooLarge,
            "its answer has more than " + std::to_string(m_service.maxResponseBytes) + " bytes");
    case ResponseParser::Progress::Bad: return finish(CallTrouble::BadResponse, m_parser->complaint());
    }
}

void HttpExchange::stopTimers()
{
    for (QTimer* timer : {&m_total, &m_connect, &m_address})
        timer->stop();
}

void HttpExchange::finish(CallTrouble trouble, std::string detail)
{
    const Finished finished = std::exchange(m_finished, nullptr);
    if (!finished)
        return;
    stopTimers();
    const bool saysNothingWasSent = trouble == CallTrouble::ConnectFailed || trouble == CallTrouble::TlsFailed
        || trouble == CallTrouble::AddressRefused;
    if (m_wasSent && saysNothingWasSent) {
        trouble = CallTrouble::ConnectionLost;
        detail = "its connection was closed, and another could not be made: " + detail;
    }
    CallOutcome outcome{.trouble = trouble, .detail = std::move(detail)};
    if (m_parser && (trouble == CallTrouble::None || trouble == CallTrouble::TooLarge)) {
        outcome.status = m_parser->status();
        outcome.retryAfter = m_parser->header("retry-after");
        outcome.body = m_parser->body();
    }
    if (!m_isReusable && m_socket) {
        m_socket->disconnect(this);
        m_socket->abort();
        m_socket.reset();
    }
    finished(std::move(outcome));
}

} // namespace gantry::steps
