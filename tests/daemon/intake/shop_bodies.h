// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace gantry::test {

/// A small Shopify order: two articles, shipping, a discount and tax; 51.48 EUR.
inline QByteArray shopifyOrder()
{
    return R"({"id":5001,"name":"#1001","currency":"EUR","test":false,"cancelled_at":null,"cancel_reason":null,
"email":"ada@example.org","phone":null,"note":"ring\ntwice","tags":"gift, summer","financial_status":"paid",
"payment_gateway_names":["visa"],"taxes_included":false,"total_tax":"7.48","total_discounts":"2.50",
"total_price":"51.48","total_tip_received":"0.00",
"total_shipping_price_set":{"shop_money":{"amount":"4.90","currency_code":"EUR"}},
"customer":{"first_name":"Ada","last_name":"Example"},
"shipping_address":{"name":"Ada Example","address1":"Lindenallee 5","address2":null,"city":"Kiel","zip":"24103",
"province":null,"country_code":"DE"},
"line_items":[{"sku":"MUG-BLUE","name":"Mug, blue","quantity":2,"current_quantity":2,"price":"14.50"},
{"sku":"TEA","name":"Tea","quantity":1,"current_quantity":1,"price":"12.60"}]})";
}

/// A small WooCommerce order whose first line does not come out even: 3 pieces for 10.00; 18.90 EUR.
inline QByteArray wooOrder()
{
    return R"({"id":727,"number":"727","status":"processing","currency":"EUR","discount_total":"1.00","shipping_total":"5.00",
"total_tax":"0.90","total":"18.90","payment_method":"bacs","customer_note":"","fee_lines":[],"refunds":[],
"billing":{"first_name":"Jo","last_name":"Doe","email":"jo@example.org","phone":"1"},
"shipping":{"first_name":"Jo","last_name":"Doe","address_1":"Market 1","address_2":"","city":"Ulm","state":"BW",
"postcode":"89073","country":"DE"},
"line_items":[{"sku":"A","name":"Apples","quantity":3,"subtotal":"10.00","total":"9.00","price":3.333333},
{"sku":"B","name":"Bowl","quantity":2,"subtotal":"4.00","total":"4.00","price":2}]})";
}

} // namespace gantry::test
