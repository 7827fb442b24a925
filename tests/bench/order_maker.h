// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_document.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::bench {

/// Makes orders of about 1 KB as JSON: three to five lines, a customer, an address, one payment; no two of a run with one external id.
/// The number chooses everything, so a run can be repeated.
class OrderMaker {
public:
    OrderMaker();

    /// Order number `number`.
    [[nodiscard]] std::string json(std::uint64_t number) const;

    /// The same as a document.
    [[nodiscard]] OrderDocument document(std::uint64_t number) const;

    /// The body of a batch request: the orders from `first` on.
    [[nodiscard]] std::string batchJson(std::uint64_t first, std::size_t count) const;

private:
    struct Template {
        OrderDocument document;
        std::string json;
        std::size_t idAt = 0; ///< where the external id's digits begin
    };
    std::vector<Template> m_templates;
};

} // namespace gantry::bench
