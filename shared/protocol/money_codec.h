// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_money.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

#include <string_view>

namespace gantry {

/// What a step's result says it did with the order's money: `"money":{"authorized","captured","refunded"}`, each a whole number from 0 on, in minor
/// units, and absent for nothing. The one reader for every door that takes results. `pointer`: where the result stands. What is wrong is told to `errors`.
MoneyChange readResultMoney(simdjson::dom::element result, const std::string& pointer, FieldErrors& errors);

/// Appends `"money":{…}` to an open object, with the amounts that are not zero; nothing if there is none.
void writeMoneyChange(JsonWriter& json, const MoneyChange& change);

/// Reads what writeMoneyChange() wrote, signs included.
MoneyChange readMoneyChange(ObjectReader& reader);

/// An order's books as the member `money` of an open object, all three amounts; and back (none where it is absent).
void writeOrderMoney(JsonWriter& json, const OrderMoney& money);
OrderMoney readOrderMoney(ObjectReader& reader);

} // namespace gantry
