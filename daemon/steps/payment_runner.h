// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_runner.h"
#include "shared/util/result.h"

#include <QUrl>
#include <memory>

class QThread;

namespace gantry::steps {

struct PaymentSettings {
    QUrl url; ///< of the payment service, `http(s)://HOST[:PORT][/PATH]`; empty: nothing can be paid
};

/// `payment.capture` and `payment.refund`: calls the payment service (docs/payment-service.md) over HTTP, from a network thread of its own.
/// A task's time-out begins when its call is sent, not while it waits for a free connection.
/// Every call carries the same idempotency key for the same step of the same order, so a repeat never pays twice.
class PaymentRunner final : public engine::StepRunner {
public:
    explicit PaymentRunner(PaymentSettings settings);

    /// Ends the calls in hand without a report: after a restart they are made again.
    ~PaymentRunner() override;

    void start(engine::Task task, engine::TaskDone done) override;

private:
    class Caller;
    PaymentSettings m_settings;
    std::unique_ptr<QThread> m_thread;
    Caller* m_caller = nullptr; ///< lives on m_thread, deleted there
};

/// What the service was asked for, as far as its answer's meaning hangs on it.
struct PaymentRequest {
    MinorUnits amount = 0; ///< to be charged or given back
    OrderMoney books{}; ///< of the order when it was asked
};

/// What a payment service's answer means. `status` 0: no answer at all, with `detail` saying why. Pure.
engine::TaskResult judgePaymentAnswer(const PaymentRequest& request, int status, std::string_view body,
    std::string_view detail, std::optional<int> retryAfterSeconds);

} // namespace gantry::steps
