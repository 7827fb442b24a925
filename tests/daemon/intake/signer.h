// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMessageAuthenticationCode>
#include <string>
#include <utility>
#include <vector>

namespace gantry::test {

/// HMAC-SHA256 by Qt, which shares nothing with what is tested; base 64.
inline std::string hmacOf(const std::string& key, const std::string& text)
{
    return QMessageAuthenticationCode::hash(
        QByteArray::fromStdString(text), QByteArray::fromStdString(key), QCryptographicHash::Sha256)
        .toBase64()
        .toStdString();
}

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A Shopify delivery's headers.
inline Headers shopifyHeaders(
    const std::string& secret, const std::string& topic, const std::string& id, const std::string& body)
{
    return {{"content-type", "application/json"}, {"x-shopify-topic", topic}, {"x-shopify-webhook-id", id},
        {"x-shopify-hmac-sha256", hmacOf(secret, body)}};
}

/// The same of WooCommerce.
inline Headers wooHeaders(
    const std::string& secret, const std::string& topic, const std::string& id, const std::string& body)
{
    return {{"content-type", "application/json"}, {"x-wc-webhook-topic", topic},
        {"x-wc-webhook-delivery-id", id}, {"x-wc-webhook-signature", hmacOf(secret, body)}};
}

/// The same of Standard Webhooks. `secret`: with its whsec_; `seconds`: since 1970.
inline Headers standardHeaders(
    const std::string& secret, const std::string& id, long long seconds, const std::string& body)
{
    const std::string key = QByteArray::fromBase64(QByteArray::fromStdString(secret.substr(6))).toStdString();
    const std::string time = std::to_string(seconds);
    return {{"content-type", "application/json"}, {"webhook-id", id}, {"webhook-timestamp", time},
        {"webhook-signature", "v1," + hmacOf(key, id + '.' + time + '.' + body)}};
}

} // namespace gantry::test
