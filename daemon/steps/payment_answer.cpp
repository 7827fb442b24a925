// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/payment_runner.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

#include <algorithm>

namespace gantry::steps {

namespace {

constexpr std::size_t textBytes = 200;

engine::TaskResult fail(std::string code, std::string message, bool fatal)
{
    return {.code = std::move(code), .message = std::move(message), .fatal = fatal};
}

/// What an answer of that status did with the order's money.
MoneyChange moneyOf(std::string_view status, const PaymentRequest& request)
{
    const MinorUnits amount = request.amount;
    if (status == "captured")
        return {.authorized = amount, .captured = amount};
    if (status != "refunded")
        return {};
    if (request.books.captured > 0)
        return {.refunded = amount};
    // What is given back was taken before: a charge whose answer nobody got is booked with its refund.
    const MinorUnits authorized = std::max<MinorUnits>(0, amount - request.books.authorized);
    return {.authorized = authorized, .captured = amount, .refunded = amount};
}

engine::TaskResult judgeSuccess(std::string_view body, const PaymentRequest& request)
{
    JsonParser parser;
    const auto root = parser.parse(body);
    FieldErrors errors;
    if (!root || !root->is_object())
        return fail("bad_answer",
            "The payment service answered 200 with a body that is not a JSON object. Whether it acted is "
            "unknown; the next "
            "attempt asks again with the same key.",
            false);
    ObjectReader reader(*root, "", errors);
    const std::string payment = reader.text("payment_id", textBytes);
    const std::string refund = reader.text("refund_id", textBytes);
    const std::string status = reader.text("status", textBytes);
    const bool isKnown = status == "captured" || status == "refunded" || status == "nothing_to_refund";
    if (!errors.isEmpty() || !isKnown)
        return fail(
            "bad_answer", "The payment service answered 200 without a status that is known here.", false);
    JsonWriter json;
    json.beginObject()
        .memberIf("payment_id", payment)
        .memberIf("refund_id", refund)
        .member("status", status)
        .endObject();
    return {.succeeded = true, .result = json.take(), .money = moneyOf(status, request)};
}

/// The service's own words for a refusal, if it gave some that can be shown.
std::string messageIn(std::string_view body)
{
    JsonParser parser;
    const auto root = parser.parse(body);
    FieldErrors ignored;
    if (!root || !root->is_object())
        return {};
    return ObjectReader(*root, "", ignored).text("message", textBytes);
}

std::string withMessage(std::string text, std::string_view body)
{
    const std::string message = messageIn(body);
    return message.empty() ? text : text + ": " + message;
}

} // namespace

engine::TaskResult judgePaymentAnswer(const PaymentRequest& request, int status, std::string_view body,
    std::string_view detail, std::optional<int> retryAfterSeconds)
{
    if (status == 0)
        return fail("unreachable",
            "No answer from the payment service: " + std::string(detail)
                + ". Whether it acted is unknown; the next attempt asks again with the same key.",
            false);
    if (status == 200 || status == 201)
        return judgeSuccess(body, request);
    if (status == 402)
        return fail("declined", withMessage("The payment was declined", body), true);
    if (status == 409)
        return fail("voided", withMessage("The payment was voided before it was made", body), true);
    if (status == 408 || status == 429 || status >= 500) {
        auto result = fail(status == 429 ? "rate_limited" : "service_error",
            withMessage("The payment service answered " + std::to_string(status), body), false);
        if (retryAfterSeconds)
            result.retryAfter = std::chrono::seconds(*retryAfterSeconds);
        return result;
    }
    return fail("invalid_request",
        withMessage("The payment service refused the request with " + std::to_string(status), body), true);
}

} // namespace gantry::steps
