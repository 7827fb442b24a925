// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/intake/reading.h"

#include <algorithm>

namespace gantry::intake {

namespace {

Reading readByKind(
    store::IntakeKind kind, const std::string& source, const std::string& topic, simdjson::dom::element body)
{
    switch (kind) {
    case store::IntakeKind::Shopify: return readShopify(source, topic, body);
    case store::IntakeKind::WooCommerce: return readWooCommerce(source, topic, body);
    case store::IntakeKind::Standard: return readStandard(source, body);
    }
    return ignored(topic, "Its kind is not known.");
}

} // namespace

Reading readDelivery(
    store::IntakeKind kind, const std::string& source, const std::string& topic, simdjson::dom::element body)
{
    Reading reading = readByKind(kind, source, topic, body);
    if (reading.document) // in the canonical sequence, as readOrderDocument() does: fingerprints rest on it
        std::sort(reading.document->metadata.begin(), reading.document->metadata.end());
    return reading;
}

Reading ignored(std::string topic, std::string why)
{
    Reading reading;
    reading.topic = std::move(topic);
    reading.problem = std::move(why);
    return reading;
}

} // namespace gantry::intake
