// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/intake/reading.h"

namespace gantry::intake {

Reading readDelivery(
    store::IntakeKind kind, const std::string& source, const std::string& topic, simdjson::dom::element body)
{
    switch (kind) {
    case store::IntakeKind::Shopify: return readShopify(source, topic, body);
    case store::IntakeKind::WooCommerce: return readWooCommerce(source, topic, body);
    case store::IntakeKind::Standard: return readStandard(source, body);
    }
    return ignored(topic, "Its kind is not known.");
}

Reading ignored(std::string topic, std::string why)
{
    Reading reading;
    reading.topic = std::move(topic);
    reading.problem = std::move(why);
    return reading;
}

} // namespace gantry::intake
