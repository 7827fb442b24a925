// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/intake/webhook.h"

#include "shared/util/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sodium.h>

namespace gantry::intake {

namespace {

using store::IntakeKind;
using Digest = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

constexpr std::size_t maxNameBytes = 255;
constexpr std::size_t maxSecretBytes = 255;
constexpr std::size_t minSecretBytes = 16;
constexpr std::string_view standardPrefix = "whsec_";

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<std::string> readBase64(std::string_view text)
{
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
            text.size(), nullptr, &length, nullptr, sodium_base64_VARIANT_ORIGINAL)
        != 0)
        return std::nullopt;
    bytes.resize(length);
    return bytes;
}

/// The bytes that a secret signs with; empty if it is none.
std::optional<std::string> keyOf(IntakeKind kind, std::string_view secret)
{
    if (kind != IntakeKind::Standard)
        return std::string(secret);
    if (secret.substr(0, standardPrefix.size()) == standardPrefix)
        secret.remove_prefix(standardPrefix.size());
    return readBase64(secret);
}

Digest sign(std::string_view key, std::initializer_list<std::string_view> parts)
{
    Digest digest{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytesOf(key), key.size());
    for (const std::string_view part : parts)
        crypto_auth_hmacsha256_update(&state, bytesOf(part), part.size());
    crypto_auth_hmacsha256_final(&state, digest.data());
    sodium_memzero(&state, sizeof state);
    return digest;
}

bool isSame(const Digest& digest, std::string_view base64)
{
    const auto bytes = readBase64(base64);
    return bytes && bytes->size() == digest.size()
        && sodium_memcmp(bytes->data(), digest.data(), digest.size()) == 0;
}

/// Every value that a header was sent with.
std::vector<std::string_view> valuesOf(const Webhook& webhook, std::string_view name)
{
    std::vector<std::string_view> values;
    for (const auto& [header, value] : webhook.headers)
        if (header == name)
            values.emplace_back(value);
    return values;
}

/// The value of a header that came once; empty otherwise.
std::string_view onlyValueOf(const Webhook& webhook, std::string_view name)
{
    const auto values = valuesOf(webhook, name);
    return values.size() == 1 ? values.front() : std::string_view();
}

/// Of two names of one header: Shopify's came without the x- at last.
std::string_view shopifyHeader(const Webhook& webhook, std::string_view name)
{
    const std::string_view newer = onlyValueOf(webhook, name);
    return newer.empty() ? onlyValueOf(webhook, "x-" + std::string(name)) : newer;
}

tl::unexpected<Error> unfit(std::string_view what)
{
    return failure(ErrorCode::Unauthenticated,
        std::string(what)
            + " Nothing was taken in. Check that the source here has the secret that the sender signs with.");
}

/// The signatures that headers carry, each of which has to fit. Empty if one came twice, or none.
std::vector<std::string_view> bodySignatures(IntakeKind kind, const Webhook& webhook)
{
    std::vector<std::string_view> signatures;
    const std::vector<std::string_view> names = kind == IntakeKind::Shopify
        ? std::vector<std::string_view>{"shopify-hmac-sha256", "x-shopify-hmac-sha256"}
        : std::vector<std::string_view>{"x-wc-webhook-signature"};
    for (const std::string_view name : names) {
        const auto values = valuesOf(webhook, name);
        if (values.size() > 1)
            return {};
        signatures.insert(signatures.end(), values.begin(), values.end());
    }
    return signatures;
}

Result<void> checkBodySignature(
    IntakeKind kind, const Webhook& webhook, const std::vector<std::string>& secrets)
{
    const auto signatures = bodySignatures(kind, webhook);
    if (signatures.empty())
        return unfit("The webhook carries no signature, or carries one twice.");
    for (const std::string& secret : secrets) {
        const Digest digest = sign(secret, {webhook.body});
        if (std::all_of(signatures.begin(), signatures.end(),
                [&digest](std::string_view signature) { return isSame(digest, signature); }))
            return {};
    }
    return unfit("The signature of the webhook does not fit.");
}

std::optional<Timestamp> readSeconds(std::string_view text)
{
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr std::int64_t most = 253402300799; // the year 9999
    if (error != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > most)
        return std::nullopt;
    return Timestamp(std::chrono::seconds(seconds));
}

/// Whether one of the signatures in the list is of version 1 and fits; others are for other receivers.
bool isAmong(std::string_view list, const Digest& digest)
{
    constexpr std::string_view version = "v1,";
    while (!list.empty()) {
        const std::string_view each = list.substr(0, list.find(' '));
        list.remove_prefix(std::min(each.size() + 1, list.size()));
        if (each.substr(0, version.size()) == version && isSame(digest, each.substr(version.size())))
            return true;
    }
    return false;
}

Result<void> checkStandard(const Webhook& webhook, const std::vector<std::string>& secrets, Timestamp now)
{
    const std::string_view id = onlyValueOf(webhook, "webhook-id");
    const std::string_view time = onlyValueOf(webhook, "webhook-timestamp");
    const std::string_view signatures = onlyValueOf(webhook, "webhook-signature");
    if (id.empty() || time.empty() || signatures.empty())
        return unfit("The webhook needs webhook-id, webhook-timestamp and webhook-signature, each once.");
    const auto at = readSeconds(time);
    if (!at || *at > now + signatureTolerance || *at < now - signatureTolerance)
        return failure(ErrorCode::Unauthenticated,
            "The webhook-timestamp is more than five minutes off, or no number of seconds. Nothing was taken "
            "in. Sign it anew when it is sent again, and check the clocks.");
    for (const std::string& secret : secrets)
        if (const auto key = keyOf(IntakeKind::Standard, secret);
            key && isAmong(signatures, sign(*key, {id, ".", time, ".", webhook.body})))
            return {};
    return unfit("The signature of the webhook does not fit.");
}

std::string madeId(std::string_view topic, std::string_view body)
{
    std::array<unsigned char, 16> hash{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, hash.size());
    crypto_generichash_update(&state, bytesOf(topic), topic.size());
    crypto_generichash_update(&state, bytesOf("\n"), 1);
    crypto_generichash_update(&state, bytesOf(body), body.size());
    crypto_generichash_final(&state, hash.data(), hash.size());
    std::array<char, 2 * 16 + 1> text{};
    sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
    return std::string("body-") + text.data();
}

bool isName(std::string_view text)
{
    return !text.empty() && text.size() <= maxNameBytes
        && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

} // namespace

Result<void> checkSecret(IntakeKind kind, std::string_view secret)
{
    if (kind != IntakeKind::Standard) {
        if (secret.size() < minSecretBytes || secret.size() > maxSecretBytes || hasControlCharacter(secret))
            return failure(ErrorCode::InvalidValue,
                "must have 16 to 255 bytes and no control characters: it is all that keeps strangers out");
        return {};
    }
    const auto key = keyOf(kind, secret);
    constexpr std::size_t least = 24; // as the standard has it
    constexpr std::size_t most = 64;
    if (secret.substr(0, standardPrefix.size()) != standardPrefix || !key || key->size() < least
        || key->size() > most)
        return failure(ErrorCode::InvalidValue, "must be whsec_ and the base 64 of 24 to 64 bytes");
    return {};
}

Result<void> checkSignature(
    IntakeKind kind, const Webhook& webhook, const std::vector<std::string>& secrets, Timestamp now)
{
    switch (kind) {
    case IntakeKind::Shopify:
    case IntakeKind::WooCommerce: return checkBodySignature(kind, webhook, secrets);
    case IntakeKind::Standard: return checkStandard(webhook, secrets, now);
    }
    return unfit("The webhook is of no kind that is known.");
}

DeliveryName nameOf(IntakeKind kind, const Webhook& webhook)
{
    std::string_view id;
    std::string_view topic;
    switch (kind) {
    case IntakeKind::Shopify:
        id = shopifyHeader(webhook, "shopify-webhook-id");
        if (id.empty())
            id = shopifyHeader(webhook, "shopify-event-id");
        topic = shopifyHeader(webhook, "shopify-topic");
        break;
    case IntakeKind::WooCommerce:
        id = onlyValueOf(webhook, "x-wc-webhook-delivery-id");
        topic = onlyValueOf(webhook, "x-wc-webhook-topic");
        break;
    case IntakeKind::Standard: id = onlyValueOf(webhook, "webhook-id"); break;
    }
    return {isName(id) ? std::string(id) : madeId(topic, webhook.body), toPlainText(topic, maxNameBytes)};
}

bool isPing(IntakeKind kind, const Webhook& webhook)
{
    constexpr std::string_view start = "webhook_id=";
    constexpr std::size_t most = 40;
    const std::string_view body = webhook.body;
    return kind == IntakeKind::WooCommerce && body.size() > start.size() && body.size() <= most
        && body.substr(0, start.size()) == start
        && std::all_of(body.begin() + start.size(), body.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace gantry::intake
