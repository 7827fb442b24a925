// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "tests/standins/payment/behavior.h"
#include "tests/standins/payment/ledger.h"

#include <QObject>
#include <map>
#include <mutex>

class QTimer;

namespace gantry::standin {

/// The stand-in for a payment service: docs/payment-service.md is its contract. An actor on the thread that made it;
/// handle() may be called from any thread, everything else happens on that one.
class PaymentService : public QObject {
    Q_OBJECT

public:
    explicit PaymentService(Behavior behavior, QObject* parent = nullptr);
    /// Answers 503 to whoever still waits.
    ~PaymentService() override;

    /// Takes one request in; the reply is called once, from the service's thread.
    void handle(api::ApiRequest request, api::ApiReply reply);

private:
    /// A request whose answer is due later.
    struct Pending {
        api::ApiReply reply;
        QTimer* timer = nullptr; ///< owned by the service
    };

    void takeIn();
    void dispatch(const api::ApiRequest& request, const api::ApiReply& reply);
    void takeMoneyRequest(const api::ApiRequest& request, bool refund, const api::ApiReply& reply);
    api::ApiResponse process(const MoneyRequest& request, bool refund, Outcome outcome);
    api::ApiResponse changeBehavior(const std::string& body);
    [[nodiscard]] api::ApiResponse showLedger(std::string_view reference) const;
    /// Replies with what makeResponse gives once the delay is over.
    void replyAfter(
        std::chrono::milliseconds delay, api::ApiReply reply, std::function<api::ApiResponse()> makeResponse);

    std::mutex m_inboxMutex;
    std::vector<std::pair<api::ApiRequest, api::ApiReply>> m_inbox; ///< guarded by the mutex

    Behavior m_behavior;
    Ledger m_ledger;
    std::map<std::uint64_t, Pending> m_pending;
    std::uint64_t m_lastPending = 0;
};

} // namespace gantry::standin
