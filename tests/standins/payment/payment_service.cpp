// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/standins/payment/payment_service.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTimer>
#include <algorithm>
#include <optional>

namespace gantry::standin {
namespace {

using namespace std::chrono_literals;

/// How long a silent request is held before it is told so: every caller has given up by then.
constexpr auto s_silence = 120s;
constexpr std::size_t s_maxTextLength = 200;

api::ApiResponse answer(int status, const QJsonObject& body)
{
    return {status, "application/json", {}, QJsonDocument(body).toJson(QJsonDocument::Compact).toStdString()};
}

api::ApiResponse refusal(int status, const char* code, const std::string& message)
{
    return answer(status,
        {{QStringLiteral("code"), QLatin1String(code)},
            {QStringLiteral("message"), QString::fromStdString(message)}});
}

std::optional<QJsonObject> parseObject(const std::string& body)
{
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(body));
    if (!document.isObject())
        return std::nullopt;
    return document.object();
}

std::string textOf(const QJsonObject& object, const char* name)
{
    return object.value(QLatin1String(name)).toString().toStdString();
}

bool isCurrency(const std::string& text)
{
    return text.size() == 3
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// What is wrong with how the customer pays, or nothing. May be left out.
std::string paymentsComplaint(const QJsonValue& payments)
{
    if (payments.isUndefined())
        return {};
    if (!payments.isArray())
        return "payments must be a list of how the customer pays, or be left out.";
    for (const auto& each : payments.toArray()) {
        const auto payment = each.toObject();
        if (payment.value(QLatin1String("amount")).toInteger(-1) < 0
            || !payment.value(QLatin1String("method")).isString())
            return "Each of payments must name its method and a whole amount, 0 or more.";
    }
    return {};
}

/// What is wrong with the request, or nothing.
std::string complaint(const QJsonObject& body, const MoneyRequest& request, bool refund)
{
    if (request.reference.empty() || request.reference.size() > s_maxTextLength)
        return "reference must be 1 to 200 bytes of text: send the order's id.";
    const auto amount = body.value(QLatin1String("amount"));
    if (!amount.isDouble() || request.amount < 0)
        return "amount must be a whole number of minor units, 0 or more.";
    if (!isCurrency(request.currency))
        return "currency must be three capital letters of ISO 4217.";
    return refund ? std::string() : paymentsComplaint(body.value(QLatin1String("payments")));
}

/// The method that decides the fate: a test method wherever it stands, else the first.
std::string decisiveMethod(const QJsonObject& body)
{
    const auto payments = body.value(QLatin1String("payments")).toArray();
    for (const auto& payment : payments)
        if (const auto method = textOf(payment.toObject(), "method"); method.starts_with("test_"))
            return method;
    return payments.isEmpty() ? std::string() : textOf(payments.first().toObject(), "method");
}

QJsonObject toJson(const std::string& reference, const LedgerEntry& entry)
{
    return {
        {QStringLiteral("reference"), QString::fromStdString(reference)},
        {QStringLiteral("requests"), static_cast<qint64>(entry.requests)},
        {QStringLiteral("charges"), static_cast<qint64>(entry.charges)},
        {QStringLiteral("captured"), static_cast<qint64>(entry.captured)},
        {QStringLiteral("refunded"), static_cast<qint64>(entry.refunded)},
        {QStringLiteral("currency"), QString::fromStdString(entry.currency)},
        {QStringLiteral("voided"), entry.voided},
    };
}

api::ApiResponse toResponse(const LedgerAnswer& ledgerAnswer)
{
    const auto id = QString::fromStdString(ledgerAnswer.id);
    switch (ledgerAnswer.verdict) {
    case Verdict::Captured:
        return answer(200,
            {{QStringLiteral("payment_id"), id}, {QStringLiteral("status"), QStringLiteral("captured")}});
    case Verdict::Refunded:
        return answer(
            200, {{QStringLiteral("refund_id"), id}, {QStringLiteral("status"), QStringLiteral("refunded")}});
    case Verdict::NothingToRefund:
        return answer(200,
            {{QStringLiteral("refund_id"), id},
                {QStringLiteral("status"), QStringLiteral("nothing_to_refund")}});
    case Verdict::Voided:
        return refusal(
            409, "voided", "This reference was refunded before it was charged; it can't be charged anymore.");
    case Verdict::KeyReused:
        return refusal(422, "idempotency_key_reused",
            "This Idempotency-Key came with another request before: use a new one.");
    case Verdict::RefundTooLarge:
        return refusal(422, "refund_too_large",
            "The refund is more than what is left of the payment, or in another currency.");
    }
    Q_UNREACHABLE();
}

bool movesMoney(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Works:
    case Outcome::BrokenAfterwards:
    case Outcome::SilentAfterwards:
    case Outcome::GarbageAfterwards: return true;
    case Outcome::Declined:
    case Outcome::Overloaded:
    case Outcome::Broken:
    case Outcome::Silent:
    case Outcome::Garbage: return false;
    }
    Q_UNREACHABLE();
}

/// What the caller sees of an outcome that is not the truth of the ledger; nothing for one that is.
std::optional<api::ApiResponse> disguise(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Works: return std::nullopt;
    case Outcome::Declined:
        return refusal(402, "card_declined", "The card was declined: ask for another way to pay.");
    case Outcome::Overloaded: {
        auto response = refusal(503, "overloaded", "Too busy just now: try again with the same key.");
        response.headers.emplace_back("Retry-After", "1");
        return response;
    }
    case Outcome::Broken:
    case Outcome::BrokenAfterwards:
        return refusal(
            500, "internal", "Something broke in here: try again with the same key to learn the outcome.");
    case Outcome::Silent:
    case Outcome::SilentAfterwards:
        return refusal(
            504, "timeout", "Nobody answered in time: try again with the same key to learn the outcome.");
    case Outcome::Garbage:
    case Outcome::GarbageAfterwards:
        return api::ApiResponse{
            200, "application/json", {}, "<html><body>It works!</body></html>\n{\"payment_id\":"};
    }
    Q_UNREACHABLE();
}

bool isSilent(Outcome outcome)
{
    return outcome == Outcome::Silent || outcome == Outcome::SilentAfterwards;
}

} // namespace

PaymentService::PaymentService(Behavior behavior, QObject* parent)
    : QObject(parent)
    , m_behavior(behavior)
{
}

PaymentService::~PaymentService()
{
    for (const auto& [id, pending] : m_pending)
        pending.reply(
            refusal(503, "shutting_down", "The service is going down: try again with the same key."));
}

void PaymentService::handle(api::ApiRequest request, api::ApiReply reply)
{
    {
        const std::lock_guard lock(m_inboxMutex);
        m_inbox.emplace_back(std::move(request), std::move(reply));
    }
    QMetaObject::invokeMethod(
        this, [this] { takeIn(); }, Qt::QueuedConnection);
}

void PaymentService::takeIn()
{
    std::vector<std::pair<api::ApiRequest, api::ApiReply>> requests;
    {
        const std::lock_guard lock(m_inboxMutex);
        requests.swap(m_inbox);
    }
    for (const auto& [request, reply] : requests)
        dispatch(request, reply);
}

void PaymentService::dispatch(const api::ApiRequest& request, const api::ApiReply& reply)
{
    constexpr std::string_view ledgerPrefix = "/ledger/";
    const std::string_view path = request.path;
    const bool reads = request.method == "GET";
    if (path == "/payments" && request.method == "POST")
        return takeMoneyRequest(request, false, reply);
    if (path == "/refunds" && request.method == "POST")
        return takeMoneyRequest(request, true, reply);
    if (path == "/behavior" && reads)
        return reply(answer(200, standin::toJson(m_behavior)));
    if (path == "/behavior" && request.method == "PUT")
        return reply(changeBehavior(request.body));
    if (path == "/ledger" && reads)
        return reply(showLedger({}));
    if (path.substr(0, ledgerPrefix.size()) == ledgerPrefix && reads)
        return reply(showLedger(path.substr(ledgerPrefix.size())));
    reply(refusal(
        404, "not_found", "There is /payments, /refunds, /ledger and /behavior here, and nothing else."));
}

void PaymentService::takeMoneyRequest(const api::ApiRequest& request, bool refund, const api::ApiReply& reply)
{
    const auto body = parseObject(request.body);
    if (!body)
        return reply(refusal(422, "malformed_json", "The body must be one JSON object."));
    const MoneyRequest money{
        std::string(request.header("idempotency-key")),
        textOf(*body, "reference"),
        body->value(QLatin1String("amount")).toInteger(-1),
        textOf(*body, "currency"),
    };
    if (money.key.empty() || money.key.size() > s_maxTextLength)
        return reply(refusal(422, "idempotency_key_missing", "Send an Idempotency-Key of 1 to 200 bytes."));
    if (const auto wrong = complaint(*body, money, refund); !wrong.empty())
        return reply(refusal(422, "invalid_value", wrong));

    const auto number = m_ledger.countRequest(money.reference);
    const auto fate = decideFate(m_behavior, money.reference, number, refund ? "" : decisiveMethod(*body));
    auto process = [this, money, refund, outcome = fate.outcome] {
        return this->process(money, refund, outcome);
    };
    if (!isSilent(fate.outcome))
        return replyAfter(fate.delay, reply, std::move(process));
    QTimer::singleShot(fate.delay, this, process);
    replyAfter(fate.delay + s_silence, reply, [outcome = fate.outcome] { return *disguise(outcome); });
}

api::ApiResponse PaymentService::process(const MoneyRequest& request, bool refund, Outcome outcome)
{
    // Only a charge can be declined, and never one that has been taken: a no must mean that no money moved.
    if (outcome == Outcome::Declined && (refund || m_ledger.hasCharge(request.key)))
        outcome = Outcome::Works;
    auto truth = api::ApiResponse{};
    if (movesMoney(outcome))
        truth = toResponse(refund ? m_ledger.refund(request) : m_ledger.charge(request));
    return disguise(outcome).value_or(truth);
}

api::ApiResponse PaymentService::changeBehavior(const std::string& body)
{
    const auto change = parseObject(body);
    if (!change)
        return refusal(422, "malformed_json", "The body must be one JSON object.");
    const auto changed = changedBehavior(m_behavior, *change);
    if (!changed)
        return refusal(422, codeName(changed.error().code).data(), changed.error().message);
    m_behavior = *changed;
    return answer(200, standin::toJson(m_behavior));
}

api::ApiResponse PaymentService::showLedger(std::string_view reference) const
{
    const auto& entries = m_ledger.entries();
    if (!reference.empty()) {
        const auto found = entries.find(std::string(reference));
        if (found == entries.end())
            return refusal(404, "not_found", "No request of this reference has come in.");
        return answer(200, toJson(found->first, found->second));
    }
    QJsonArray items;
    for (const auto& [name, entry] : entries)
        items.append(toJson(name, entry));
    return answer(200, {{QStringLiteral("items"), items}});
}

void PaymentService::replyAfter(
    std::chrono::milliseconds delay, api::ApiReply reply, std::function<api::ApiResponse()> makeResponse)
{
    const auto id = ++m_lastPending;
    auto* timer = new QTimer(this);
    timer->setSingleShot(true);
    timer->setTimerType(Qt::PreciseTimer);
    m_pending.emplace(id, Pending{std::move(reply), timer});
    connect(timer, &QTimer::timeout, this, [this, id, makeResponse = std::move(makeResponse)] {
        auto node = m_pending.extract(id);
        node.mapped().timer->deleteLater();
        node.mapped().reply(makeResponse());
    });
    timer->start(delay);
}

} // namespace gantry::standin
