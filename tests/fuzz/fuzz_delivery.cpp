// SPDX-License-Identifier: GPL-3.0-or-later
// Bodies of webhooks of shops: whatever they hold, an order made of them is one that could be submitted. The first byte says which shop.
#include "daemon/intake/reading.h"
#include "shared/protocol/order_codec.h"
#include "tests/fuzz/fuzz_target.h"

#include <array>

using namespace gantry;
using gantry::test::require;
using store::DeliveryAsk;
using store::IntakeKind;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static constexpr std::array kinds{IntakeKind::Shopify, IntakeKind::WooCommerce, IntakeKind::Standard};
    static constexpr std::array topics{
        "orders/create", "orders/updated", "orders/cancelled", "order.created", "order.updated", "x"};
    static JsonParser parser(64 * 1024);
    if (size < 1)
        return 0;
    const auto body = parser.parse(gantry::test::textOf(data + 1, size - 1));
    if (!body)
        return 0;
    const intake::Reading reading = intake::readDelivery(
        kinds[data[0] % kinds.size()], "shop", topics[data[0] / 16U % topics.size()], *body);
    const bool asksForOrder = reading.ask == DeliveryAsk::Create || reading.ask == DeliveryAsk::Update;
    require(asksForOrder == reading.document.has_value(), "an order goes with what asks for one");
    require(reading.ask != DeliveryAsk::Nothing || !reading.problem.empty(), "what is not taken says why");
    if (!reading.document)
        return 0;
    const std::string canonical = encodeDocument(*reading.document);
    JsonParser other;
    const auto root = other.parse(canonical);
    require(root.has_value(), "an order is JSON");
    const auto submitted = readOrderDocument(*root);
    if (!submitted) {
        std::fprintf(stderr, "%s\n", submitted.error().message.c_str());
        for (const FieldError& field : submitted.error().fields)
            std::fprintf(stderr, "%s %s\n", field.pointer.c_str(), field.message.c_str());
    }
    require(
        submitted.has_value() && *submitted == *reading.document, "an order of a shop could be submitted");
    return 0;
}
