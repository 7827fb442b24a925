// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/role_view.h"

#include "shared/domain/money.h"

namespace gantry::console {

namespace {

std::string listText(simdjson::dom::array list)
{
    std::string text;
    for (const auto item : list) {
        std::string_view name;
        if (item.get(name) == simdjson::SUCCESS)
            text.append(text.empty() ? "" : ", ").append(name);
    }
    return text;
}

std::string limitsText(simdjson::dom::object limits)
{
    std::string text;
    for (const auto [code, most] : limits) {
        const auto currency = Currency::fromCode(code);
        std::int64_t amount = 0;
        if (currency && most.get(amount) == simdjson::SUCCESS)
            text += (text.empty() ? "" : ", ") + formatAmount(amount, *currency) + ' ' + std::string(code);
    }
    return text;
}

std::string scopeText(simdjson::dom::element element)
{
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    for (const char* name : {"channels", "warehouses", "steps"}) {
        simdjson::dom::array list;
        if (element[name].get(list) == simdjson::SUCCESS)
            add((name == std::string_view("steps") ? "steps of" : name) + (' ' + listText(list)));
    }
    simdjson::dom::object limits;
    if (element["limits"].get(limits) == simdjson::SUCCESS)
        add("up to " + limitsText(limits));
    return text;
}

} // namespace

std::string rolePath(std::string_view name)
{
    return "/v1/roles/" + pathSegment(name);
}

std::vector<RightView> readRights(ObjectReader& role)
{
    std::vector<RightView> rights;
    const auto element = role.object("rights");
    simdjson::dom::object pairs;
    if (element && element->get(pairs) == simdjson::SUCCESS)
        for (const auto [name, scope] : pairs)
            rights.push_back({std::string(name), scopeText(scope)});
    return rights;
}

} // namespace gantry::console
