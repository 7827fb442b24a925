// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/steps/http_service.h"
#include "daemon/steps/resolver.h"
#include "daemon/steps/response_parser.h"

#include <QHostAddress>
#include <QObject>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>

namespace gantry::steps {

/// Why a call brought no answer.
enum class CallTrouble {
    None,
    AddressRefused, ///< the service's name leads to an address that it may not be at
    ConnectFailed, ///< nothing was sent
    TlsFailed, ///< nothing was sent
    Timeout,
    ConnectionLost, ///< after the request was sent, or while it was
    TooLarge, ///< the answer's status is known
    BadResponse, ///< what came is not HTTP
};

/// What came of one call.
struct CallOutcome {
    CallTrouble trouble = CallTrouble::None;
    std::string detail{}; ///< of the trouble, for people
    int status = 0;
    std::string retryAfter{}; ///< the header, as it came
    std::string body{};
};

/// Deletes a socket when control is back in the event loop: it may be the one that is just calling.
struct LaterDeleter {
    void operator()(QObject* object) const
    {
        object->disconnect();
        object->deleteLater();
    }
};
using SocketPointer = std::unique_ptr<QSslSocket, LaterDeleter>;

/// One call of a service: looks its name up once, connects to an address that it may be at, sends the request and reads the answer, all within its
/// time-outs. Follows no redirect, asks no proxy, sends nothing before the certificate is verified. On the thread that made it.
class HttpExchange final : public QObject {
public:
    using Finished = std::function<void(CallOutcome)>;

    /// The service outlives it. `timeout`: of the whole.
    HttpExchange(const HttpService& service, const QSslConfiguration& tls, const Resolver& resolver,
        std::string request, std::chrono::milliseconds timeout);

    /// Begins, on an idle connection if one is given. Calls back once, perhaps from within; the exchange must then live on until control is back in
    /// the event loop.
    void start(SocketPointer idle, Finished finished);

    /// Ends without calling back. The service need not be there any more.
    void abandon();

    /// The connection, if it may carry another request; after it has finished.
    SocketPointer takeConnection();

private:
    void connectAnew();
    void takeAddresses(const QList<QHostAddress>& found, const QString& error);
    void tryNextAddress();
    void send();
    void onError(QAbstractSocket::SocketError error);
    void onConnectError(QAbstractSocket::SocketError error);
    void onReadable();
    void onEnd();
    void take(ResponseParser::Progress progress);
    void stopTimers();
    void finish(CallTrouble trouble, std::string detail = {});

    const HttpService& m_service;
    const QSslConfiguration& m_tls;
    const Resolver& m_resolver;
    std::string m_request;
    std::chrono::milliseconds m_timeout;
    QTimer m_total;
    QTimer m_connect;
    QTimer m_address; ///< of one address, while there are others
    QList<QHostAddress> m_addresses; ///< still to be tried
    SocketPointer m_socket;
    std::optional<ResponseParser> m_parser;
    Finished m_finished;
    bool m_isReused = false; ///< the connection has carried another call before
    bool m_isSent = false; ///< on this connection
    bool m_wasSent = false; ///< on this connection or the one before
    bool m_isReusable = false;
};

} // namespace gantry::steps
