// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/payment_runner.h"

#include "shared/protocol/json_writer.h"
#include "shared/protocol/order_codec.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QThread>
#include <QTimer>
#include <deque>
#include <mutex>
#include <vector>

namespace gantry::steps {

namespace {

constexpr qint64 maxAnswerBytes = 64 * 1024;

// Qt makes at most six connections to one host for each manager, and lets further calls wait unseen while their time runs out.
constexpr std::size_t callsPerManager = 6;
constexpr std::size_t managers = 6;

QByteArray toBytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

bool isRefund(const engine::Task& task)
{
    return task.handler == "payment.refund";
}

/// The body of a call.
std::string bodyOf(const engine::Task& task, const OrderDocument& document)
{
    JsonWriter json;
    json.beginObject()
        .member("reference", task.order->id.text())
        .member("amount", document.total)
        .member("currency", document.currency.code());
    if (!isRefund(task)) {
        json.key("payments").beginArray();
        for (const Payment& payment : document.payments)
            json.beginObject().member("method", payment.method).member("amount", payment.amount).endObject();
        json.endArray().member("channel", document.channel).member("external_id", document.externalId);
    }
    json.endObject();
    return json.take();
}

std::optional<int> retryAfterOf(const QNetworkReply& reply)
{
    bool isNumber = false;
    const int seconds = reply.rawHeader("Retry-After").toInt(&isNumber);
    return isNumber && seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

} // namespace

/// Makes the calls. Lives on the network thread.
class PaymentRunner::Caller final : public QObject {
public:
    explicit Caller(QUrl url)
        : m_url(std::move(url))
    {
    }

    /// Takes a task in. From any thread.
    void take(engine::Task task, engine::TaskDone done)
    {
        {
            const std::lock_guard lock(m_inboxMutex);
            m_inbox.push_back({std::move(task), std::move(done)});
        }
        QMetaObject::invokeMethod(
            this, [this] { callNext(); }, Qt::QueuedConnection);
    }

    /// From here on nothing is reported.
    void close()
    {
        m_isClosing = true;
        m_managers.clear();
    }

private:
    struct Job {
        engine::Task task;
        engine::TaskDone done;
    };
    struct Manager {
        std::unique_ptr<QNetworkAccessManager> network = std::make_unique<QNetworkAccessManager>();
        std::size_t calls = 0; ///< in hand
    };

    /// Calls for as many of those that wait as there are connections for.
    void callNext()
    {
        while (Manager* manager = m_isClosing ? nullptr : findFreeManager()) {
            Job job;
            {
                const std::lock_guard lock(m_inboxMutex);
                if (m_inbox.empty())
                    return;
                job = std::move(m_inbox.front());
                m_inbox.pop_front();
            }
            call(*manager, job.task, std::move(job.done));
        }
    }

    Manager* findFreeManager()
    {
        for (const auto& manager : m_managers)
            if (manager->calls < callsPerManager)
                return manager.get();
        if (m_managers.size() == managers)
            return nullptr;
        return m_managers.emplace_back(std::make_unique<Manager>()).get();
    }

    void call(Manager& manager, const engine::Task& task, engine::TaskDone done)
    {
        JsonParser parser;
        const auto document = decodeDocument(parser, task.document);
        if (!document) {
            done({.code = "no_document",
                .message = "The order's document can't be read. Check the store.",
                .fatal = true});
            return;
        }
        QNetworkReply* reply = manager.network->post(requestFor(task), toBytes(bodyOf(task, *document)));
        ++manager.calls;
        // One bound for the whole attempt: Qt's own transfer time-out starts anew with every byte.
        startTimer(*reply, task.timeout);
        QObject::connect(reply, &QNetworkReply::downloadProgress, reply, [reply](qint64 received, qint64) {
            if (received > maxAnswerBytes)
                reply->abort();
        });
        QObject::connect(reply, &QNetworkReply::finished, this,
            [this, &manager, reply, done = std::move(done),
                request = PaymentRequest{document->total, task.order->money}] {
                if (m_isClosing)
                    return;
                reply->deleteLater();
                --manager.calls;
                done(judge(*reply, request));
                callNext();
            });
    }

    [[nodiscard]] QNetworkRequest requestFor(const engine::Task& task) const
    {
        QUrl url = m_url;
        url.setPath(url.path() + (isRefund(task) ? QStringLiteral("/refunds") : QStringLiteral("/payments")));
        QNetworkRequest request(url);
        request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
        request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArrayLiteral("application/json"));
        request.setRawHeader("Idempotency-Key", toBytes('"' + task.idempotencyKey + '"'));
        return request;
    }

    static void startTimer(QNetworkReply& reply, std::chrono::milliseconds timeout)
    {
        auto* timer = new QTimer(&reply);
        timer->setSingleShot(true);
        QObject::connect(timer, &QTimer::timeout, &reply, &QNetworkReply::abort);
        timer->start(timeout);
    }

    static engine::TaskResult judge(QNetworkReply& reply, const PaymentRequest& request)
    {
        const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        const bool wasCut = reply.error() == QNetworkReply::OperationCanceledError;
        const QByteArray body = wasCut ? QByteArray() : reply.readAll();
        const std::string detail =
            wasCut ? "it took too long or sent too much" : reply.errorString().toStdString();
        return judgePaymentAnswer(request, wasCut ? 0 : status,
            {body.constData(), static_cast<std::size_t>(body.size())}, detail, retryAfterOf(reply));
    }

    QUrl m_url;
    std::mutex m_inboxMutex;
    std::deque<Job> m_inbox; ///< guarded by the mutex; bounded by the attempts that the engine has in hand
    std::vector<std::unique_ptr<Manager>> m_managers;
    bool m_isClosing = false;
};

PaymentRunner::PaymentRunner(PaymentSettings settings)
    : m_settings(std::move(settings))
    , m_thread(std::make_unique<QThread>())
    , m_caller(new Caller(m_settings.url))
{
    m_thread->setObjectName(QStringLiteral("payments"));
    m_caller->moveToThread(m_thread.get());
    m_thread->start();
}

PaymentRunner::~PaymentRunner()
{
    QMetaObject::invokeMethod(
        m_caller, [caller = m_caller] { caller->close(); }, Qt::BlockingQueuedConnection);
    m_thread->quit();
    m_thread->wait();
    delete m_caller;
}

void PaymentRunner::start(engine::Task task, engine::TaskDone done)
{
    if (m_settings.url.isEmpty()) {
        done({.code = "not_configured",
            .message = "No payment service is configured. Set [payment] url in the configuration file, "
                       "restart, then retry.",
            .fatal = true});
        return;
    }
    m_caller->take(std::move(task), std::move(done));
}

} // namespace gantry::steps
