// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/intake/reading.h"
#include "shared/domain/money.h"
#include "shared/protocol/json_reader.h"

#include <cstdint>
#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::intake {

/// An object of somebody else's JSON: read by name, with members that nobody asks for passed over and null as good as absent. What is there and is not as
/// it should be is told to FieldErrors, and nothing is given instead.
class VendorObject {
public:
    /// `pointer`: where it stands in the body. What is no object is told.
    VendorObject(simdjson::dom::element element, std::string pointer, FieldErrors& errors);

    /// Whether the member is there and not null.
    [[nodiscard]] bool has(std::string_view name) const;

    /// A text to be shown: on one line, cut to what an order takes. Empty if it is not there.
    [[nodiscard]] std::string text(std::string_view name) const;

    /// A text that is compared, as it is. Empty if it is not there.
    [[nodiscard]] std::string key(std::string_view name) const;

    /// An id, which is a text or a whole number. Told if it is not there.
    [[nodiscard]] std::string id(std::string_view name) const;

    /// A whole number; a fraction is told.
    [[nodiscard]] std::optional<std::int64_t> whole(std::string_view name) const;
    [[nodiscard]] bool isTrue(std::string_view name) const;

    /// An amount, which must be a text: a number of JSON is one of binary fractions to most who write it. Zeros behind the currency's own decimals say
    /// nothing. Told if it is not there.
    [[nodiscard]] MinorUnits money(std::string_view name, Currency currency) const;

    /// The same; 0 if it is not there.
    [[nodiscard]] MinorUnits moneyIf(std::string_view name, Currency currency) const;

    /// The currency of ISO 4217 at that name. Told if there is none.
    [[nodiscard]] std::optional<Currency> currency(std::string_view name) const;

    [[nodiscard]] std::optional<VendorObject> object(std::string_view name) const;
    [[nodiscard]] std::vector<VendorObject> objects(std::string_view name) const;

    /// The texts of an array; none if it is not there.
    [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;

    /// `first_name` and `last_name`, those that are there.
    [[nodiscard]] std::string fullName() const;

    /// Tells what is wrong with a member.
    void tell(std::string_view name, ErrorCode code, std::string message) const;

private:
    [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view name) const;

    std::optional<simdjson::dom::object> m_object;
    std::string m_pointer;
    FieldErrors* m_errors;
};

/// Adds a member of the metadata, unless it has nothing to say.
void remember(OrderDocument& document, std::string_view name, std::string value);

/// A reading that asks for an order to be made or to be like this: or that can't be mapped, if something is wrong with the vendor's body or with
/// what became of it.
Reading mapped(Reading reading, OrderDocument document, FieldErrors errors);

/// That it can't be mapped, and why.
Reading unmappable(Reading reading, const FieldErrors& errors);

} // namespace gantry::intake
