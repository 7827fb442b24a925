// SPDX-License-Identifier: GPL-3.0-or-later
// An order as it is submitted: what is taken comes back equal from its canonical form, and what is refused is told field by field.
#include "shared/protocol/order_codec.h"
#include "tests/fuzz/fuzz_target.h"

using namespace gantry;
using gantry::test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static JsonParser parser(64 * 1024);
    const auto root = parser.parse(gantry::test::textOf(data, size));
    if (!root) {
        require(!root.error().message.empty(), "a refusal says why");
        return 0;
    }
    const auto document = readOrderDocument(*root);
    if (!document) {
        require(!document.error().message.empty(), "a refusal says why");
        return 0;
    }
    const std::string canonical = encodeDocument(*document);
    const auto again = decodeDocument(parser, canonical);
    require(again.has_value() && *again == *document, "what was taken comes back equal");
    require(encodeDocument(*again) == canonical, "equal documents give equal bytes");
    const auto submitted = parser.parse(canonical);
    require(submitted.has_value(), "the canonical form is JSON");
    const auto resubmitted = readOrderDocument(*submitted);
    require(
        resubmitted.has_value() && *resubmitted == *document, "the canonical form may be submitted itself");
    return 0;
}
