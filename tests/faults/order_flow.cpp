// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/order_flow.h"

#include <QJsonDocument>

namespace gantry::test {

namespace {

Result<QJsonObject> parse(const Result<HttpAnswer>& answer)
{
    if (!answer)
        return tl::unexpected(answer.error());
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(answer->body));
    if (!document.isObject())
        return failure(ErrorCode::Internal, "Not a JSON object: " + answer->body.substr(0, 200));
    return document.object();
}

} // namespace

std::string externalIdOf(int number)
{
    return "fault-" + std::to_string(number);
}

std::string batchBody(int first, int count)
{
    std::string body = "{\"orders\":[";
    for (int number = first; number < first + count; ++number) {
        const std::string price = std::to_string(100 + number % 900);
        body += (number > first ? "," : "") + std::string("{\"channel\":\"faults\",\"external_id\":\"")
            + externalIdOf(number) + R"(","currency":"EUR","lines":[{"sku":"sku-)"
            + std::to_string(number % 50) + R"(","quantity":1,"unit_price":)" + price
            + R"(}],"customer":{"name":"Ann"},"shipping_address":{"city":"Bonn","country":"DE"},"total":)"
            + price + R"(,"payments":[{"method":"card","amount":)" + price + "}]}";
    }
    return body + "]}";
}

Result<QJsonObject> ApiCaller::get(const std::string& target)
{
    return parse(m_client.request("GET", target, {{"Authorization", "Bearer " + m_key}}));
}

Result<QJsonObject> ApiCaller::post(const std::string& target, const std::string& body)
{
    return parse(m_client.request(
        "POST", target, {{"Authorization", "Bearer " + m_key}, {"Content-Type", "application/json"}}, body));
}

Result<void> ApiCaller::sendOnly(const std::string& target, const std::string& body)
{
    if (auto connected = m_client.connect(); !connected)
        return connected;
    return m_client.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + m_key
        + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
        + body);
}

Result<QJsonObject> ApiCaller::receive()
{
    return parse(m_client.receive());
}

Result<Census> takeCensus(ApiCaller& api)
{
    Census census;
    std::string cursor;
    do {
        const auto page = api.get("/v1/orders?limit=500" + (cursor.empty() ? "" : "&cursor=" + cursor));
        if (!page)
            return tl::unexpected(page.error());
        const QJsonArray items = (*page)[QLatin1String("items")].toArray();
        for (const QJsonValue& item : items) {
            const auto text = [&](const char* name) {
                return item.toObject()[QLatin1String(name)].toString().toStdString();
            };
            if (!census.ids.emplace(text("external_id"), text("id")).second)
                ++census.twice;
            ++census.byState[text("state")];
        }
        cursor = (*page)[QLatin1String("next_cursor")].toString().toStdString();
    } while (!cursor.empty());
    return census;
}

} // namespace gantry::test
