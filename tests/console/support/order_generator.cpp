// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/console/support/order_generator.h"

#include <cmath>

namespace gantry::test {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using namespace std::string_literals;

struct Product {
    std::string_view sku;
    std::string_view name;
    MinorUnits cents;
};

constexpr std::array<Product, 12> products{{
    {"KB-1080-DE", "Mechanical keyboard, brown switches", 11'900},
    {"MS-220", "Wireless mouse", 3'495},
    {"HUB-7C", "USB-C hub, seven ports", 5'990},
    {"MON-27Q", "Monitor 27 inch, 1440p", 28'900},
    {"CBL-2M", "Cable, two meters", 990},
    {"LMP-D3", "Desk lamp, dimmable", 4'450},
    {"CHR-ERG2", "Office chair, ergonomic", 34'900},
    {"NTB-A5", "Notebook A5, dotted", 1'290},
    {"BAG-15", "Bag for 15 inch notebooks", 6'900},
    {"HDS-ANC", "Headset, noise canceling", 18'950},
    {"CAM-4K", "Camera for calls, 4K", 12'990},
    {"STD-ALU", "Stand, aluminum", 4'990},
}};

struct Person {
    std::string_view name;
    std::string_view email;
    std::string_view city;
    std::string_view postalCode;
    std::string_view street;
    std::string_view country;
    std::string_view currency;
};

constexpr std::array<Person, 24> people{{
    {"Anna Lindqvist", "anna.lindqvist@example.com", "Göteborg", "411 05", "Kungsgatan 12", "SE", "SEK"},
    {"Jonas Weber", "j.weber@example.com", "Leipzig", "04109", "Käthe-Kollwitz-Straße 8", "DE", "EUR"},
    {"María José Fernández Ruiz", "mj.fernandez@example.com", "Sevilla", "41001", "Calle Sierpes 4", "ES",
        "EUR"},
    {"Priya Raman", "priya@example.com", "London", "SE1 7PB", "31 Lower Marsh", "GB", "GBP"},
    {"田中 美咲", "misaki.tanaka@example.com", "大阪市", "530-0001", "梅田 2-4-9", "JP", "JPY"},
    {"Tom O'Brien", "tom.obrien@example.com", "Cork", "T12 W8KP", "4 Paul Street", "IE", "EUR"},
    {"Claire Dubois", "claire.dubois@example.com", "Lyon", "69002", "Rue Mercière 17", "FR", "EUR"},
    {"Ahmed Al-Sabah", "ahmed@example.com", "Kuwait City", "15000", "Salhiya Street 9", "KW", "KWD"},
    {"Emily Carter", "emily.carter@example.com", "Portland", "97205", "1120 SW Park Ave", "US", "USD"},
    {"Łukasz Wójcik", "l.wojcik@example.com", "Kraków", "31-008", "ul. Floriańska 22", "PL", "PLN"},
    {"Ελένη Παπαδοπούλου", "eleni@example.com", "Αθήνα", "105 63", "Ερμού 5", "GR", "EUR"},
    {"Ben Visser", "ben.visser@example.com", "Utrecht", "3511 AX", "Oudegracht 140", "NL", "EUR"},
    {"Sofia Rossi", "sofia.rossi@example.com", "Torino", "10121", "Via Roma 88", "IT", "EUR"},
    {"Contoso Facilities GmbH, Purchasing", "orders@contoso.example", "Hamburg", "20095", "Mönckebergstr. 3",
        "DE", "EUR"},
    {"Northwind Schools Trust", "supply@northwind.example", "Leeds", "LS1 4DY", "9 Park Row", "GB", "GBP"},
    {"Олена Коваль", "olena.koval@example.com", "Київ", "01001", "вул. Хрещатик 10", "UA", "EUR"},
    {"Lars Nygaard", "lars@example.com", "Aarhus", "8000", "Store Torv 1", "DK", "DKK"},
    {"Grace Kim", "grace.kim@example.com", "Seattle", "98101", "600 Pine St", "US", "USD"},
    {"Mateus Oliveira", "mateus@example.com", "Porto", "4000-322", "Rua das Flores 60", "PT", "EUR"},
    {"Noah Brunner", "noah.brunner@example.com", "Zürich", "8001", "Limmatquai 52", "CH", "CHF"},
    {"Hannah Schulz", "hannah@example.com", "Berlin", "10119", "Torstraße 101", "DE", "EUR"},
    {"佐藤 健", "ken.sato@example.com", "東京都", "100-0005", "丸の内 1-9-1", "JP", "JPY"},
    {"Fabrikam Studios Ltd", "studio@fabrikam.example", "Manchester", "M1 2WD", "20 Dale Street", "GB",
        "GBP"},
    {"Ida Halvorsen", "ida@example.com", "Bergen", "5003", "Bryggen 7", "NO", "NOK"},
}};

constexpr std::array<std::string_view, 4> channels{"webshop", "marketplace", "b2b", "phone"};
constexpr std::array<std::string_view, 4> prefixes{"W-", "MP-", "PO-", "T-"};

struct Fault {
    std::string_view code;
    std::string_view message;
    bool fatal;
};

constexpr std::array<Fault, 4> payFaults{{
    {"declined", "The bank declined the card: insufficient funds", true},
    {"declined", "The bank declined the card: do not honor", true},
    {"timeout", "The payment service gave no answer within 10 s", false},
    {"unavailable", "The payment service answered 503", false},
}};
constexpr std::array<Fault, 2> validateFaults{{
    {"address_incomplete", "The shipping address has no postal code", true},
    {"price_mismatch", "Line 2 costs 34.95 in the catalog and 3.49 here", true},
}};
constexpr std::array<Fault, 3> allocateFaults{{
    {"out_of_stock", "KB-1080-DE: 2 wanted, 0 left", true},
    {"out_of_stock", "MON-27Q: 1 wanted, 0 left; 6 expected on 5 March", true},
    {"out_of_stock", "CHR-ERG2: 4 wanted, 3 left", true},
}};

constexpr std::array<std::string_view, 4> holdReasons{"Customer asked to wait for a second order",
    "Address looks wrong, asked by mail", "Possible fraud, being checked",
    "Waiting for the signed purchase order"};

const Fault& faultOf(const std::string& step, std::size_t chance)
{
    if (step == "pay")
        return payFaults[chance % payFaults.size()];
    if (step == "validate")
        return validateFaults[chance % validateFaults.size()];
    return allocateFaults[chance % allocateFaults.size()];
}

std::string resultOf(const std::string& step)
{
    if (step == "pay")
        return R"({"payment_id":"pi_3Nf81"})";
    return {};
}

} // namespace

void OrderGenerator::addLines(OrderDocument& document)
{
    const std::size_t count = 1 + below(chance(0.1) ? 9 : 3);
    for (std::size_t i = 0; i < count; ++i) {
        const Product& product = products[(below(products.size()) + i) % products.size()];
        const int exponent = document.currency.exponent();
        const MinorUnits price =
            exponent == 0 ? product.cents : (exponent == 3 ? product.cents * 4 : product.cents);
        document.lines.push_back({std::string(product.sku), std::string(product.name),
            static_cast<std::int64_t>(1 + below(chance(0.2) ? 6 : 2)), price});
    }
}

OrderDocument OrderGenerator::document(Timestamp now)
{
    const std::size_t channel = chance(0.55) ? 0 : below(channels.size());
    const Person& person = pick(people);
    OrderDocument document{.channel = std::string(channels[channel]),
        .externalId = std::string(prefixes[channel]) + std::to_string(m_numbers[channel]++),
        .currency = *Currency::fromCode(person.currency)};
    addLines(document);
    document.customer = {std::string(person.name), std::string(person.email),
        "+49 30 5550 1" + std::to_string(below(900) + 100)};
    document.shippingAddress = {std::string(person.name), std::string(person.street), {},
        std::string(person.city), std::string(person.postalCode), {}, std::string(person.country)};
    document.shipping = chance(0.6) ? 490 : 0;
    document.total = document.shipping;
    for (const OrderLine& line : document.lines)
        document.total += line.quantity * line.unitPrice;
    if (chance(0.15)) {
        document.discount = document.total / 10;
        document.total -= document.discount;
    }
    document.payments.push_back({chance(0.7) ? "card" : "paypal", document.total});
    document.priority = chance(0.1) ? 1 : 5;
    if (chance(0.85))
        document.promiseAt = now + minutes(static_cast<int>(-90 + m_random.unit() * 60 * 60));
    if (chance(0.1))
        document.tags = {"gift"};
    document.metadata = {
        {"basket", "b-" + std::to_string(below(100'000))}, {"source", chance(0.5) ? "mobile" : "desktop"}};
    return document;
}

bool OrderGenerator::machineStep(FakeDaemon& daemon, const OrderId& id, Timestamp at)
{
    const std::string step = daemon.order(id).step.name;
    // Undoing fails more often than doing, so that few orders show it.
    if (chance(daemon.order(id).compensating ? 0.3 : 0.035)) {
        const Fault& fault = faultOf(step, below(100));
        daemon.fail(id, at, std::string(fault.code), std::string(fault.message), fault.fatal);
        return false;
    }
    daemon.succeed(id, at, resultOf(step));
    return true;
}

void OrderGenerator::advance(FakeDaemon& daemon, const OrderId& id, Timestamp now)
{
    Timestamp at = daemon.order(id).updatedAt;
    for (int i = 0; i < 40; ++i) {
        const Order& order = daemon.order(id);
        const bool person = order.step.performer == Performer::Person;
        // Machines take seconds, people take most of an hour.
        const double scale = person ? 3'000.0 : 4.0;
        at += std::chrono::milliseconds(
            static_cast<std::int64_t>(-std::log(1.0 - m_random.unit()) * scale * 1000.0) + 20);
        if (order.retryAt)
            at = std::max(at, *order.retryAt);
        if (at >= now || order.outcome != Outcome::Open)
            return;
        if (order.incident) {
            if (!chance(0.5))
                return;
            static_cast<void>(daemon.act(id, Action::Retry, at, "ann", "The customer says it is mended"));
        } else if (order.retryAt) {
            static_cast<void>(daemon.run(id, {.at = at, .actor = "system", .body = MakeRetryDue{}}));
        } else if (!order.holds.empty()) {
            return;
        } else if (person && chance(0.02)) {
            static_cast<void>(daemon.act(id, chance(0.8) ? Action::Hold : Action::Cancel, at, "ben",
                std::string(pick(holdReasons)),
                chance(0.3) ? std::optional(now + minutes(240)) : std::nullopt));
        } else if (person) {
            static_cast<void>(
                daemon.act(id, Action::Complete, at, chance(0.5) ? "mia" : "raj", "Done at the bench"));
        } else {
            machineStep(daemon, id, at);
        }
    }
}

void OrderGenerator::fill(FakeDaemon& daemon, std::size_t count, Timestamp now)
{
    // The newest come closest together; the oldest is about half a day old.
    for (std::size_t i = 0; i < count; ++i) {
        const double share = static_cast<double>(count - i) / static_cast<double>(count);
        const auto age =
            std::chrono::milliseconds(static_cast<std::int64_t>(std::pow(share, 2.5) * 4.5e7) + 50);
        const OrderId id = daemon.submit(document(now), now - age);
        advance(daemon, id, now);
    }
}

void OrderGenerator::live(FakeDaemon& daemon, std::size_t count, Timestamp now)
{
    const auto open = daemon.openIds();
    for (std::size_t i = 0; i < count; ++i) {
        if (open.empty() || chance(0.3)) {
            daemon.submit(document(now), now);
            continue;
        }
        const OrderId& id = open[below(open.size())];
        const Order& order = daemon.order(id);
        if (isMachineDue(order))
            machineStep(daemon, id, now);
        else if (isPossible(Action::Complete, order))
            static_cast<void>(daemon.act(id, Action::Complete, now, "mia", "Done at the bench"));
        else if (order.incident)
            static_cast<void>(daemon.act(id, Action::Retry, now, "ann", "Tried again after the outage"));
    }
}

} // namespace gantry::test
