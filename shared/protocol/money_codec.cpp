// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/money_codec.h"

namespace gantry {

namespace {

/// The object of that name, each amount asked for by `amount`.
template <typename Money, typename Amount>
Money takeMoney(ObjectReader& reader, Amount amount)
{
    const auto object = reader.object("money");
    if (!object)
        return {};
    ObjectReader inner(*object, reader.pointerTo("money"), reader.errors());
    Money money{amount(inner, "authorized"), amount(inner, "captured"), amount(inner, "refunded")};
    inner.finish();
    return money;
}

MinorUnits signedAmount(ObjectReader& reader, std::string_view name)
{
    return reader.integerOr(name, 0);
}

MinorUnits amountFromZero(ObjectReader& reader, std::string_view name)
{
    const MinorUnits amount = reader.integerOr(name, 0);
    if (amount < 0)
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue,
            "must not be negative: it says what this step did, in minor units");
    return amount;
}

} // namespace

MoneyChange readResultMoney(simdjson::dom::element result, const std::string& pointer, FieldErrors& errors)
{
    simdjson::dom::element money;
    if (!result.is_object() || result["money"].get(money) != simdjson::SUCCESS)
        return {}; // the usual case costs no reader
    ObjectReader reader(result, pointer, errors);
    return takeMoney<MoneyChange>(reader, amountFromZero);
}

void writeMoneyChange(JsonWriter& json, const MoneyChange& change)
{
    if (change.isNothing())
        return;
    json.key("money").beginObject();
    if (change.authorized != 0)
        json.member("authorized", change.authorized);
    if (change.captured != 0)
        json.member("captured", change.captured);
    if (change.refunded != 0)
        json.member("refunded", change.refunded);
    json.endObject();
}

MoneyChange readMoneyChange(ObjectReader& reader)
{
    return takeMoney<MoneyChange>(reader, signedAmount);
}

void writeOrderMoney(JsonWriter& json, const OrderMoney& money)
{
    json.key("money")
        .beginObject()
        .member("authorized", money.authorized)
        .member("captured", money.captured)
        .member("refunded", money.refunded)
        .endObject();
}

OrderMoney readOrderMoney(ObjectReader& reader)
{
    return takeMoney<OrderMoney>(reader, signedAmount);
}

} // namespace gantry
