// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/metric_text.h"

#include <cstdlib>

namespace gantry::test {

namespace {

/// What stands behind `start` in the line that begins with it, and empties the text when there is none left.
std::string nextAfter(std::string_view& text, const std::string& start)
{
    const auto at = text.find('\n' + start);
    if (at == std::string_view::npos) {
        text = {};
        return {};
    }
    text.remove_prefix(at + 1 + start.size());
    return std::string(text.substr(0, text.find('\n')));
}

} // namespace

double metricOf(std::string_view text, std::string_view name)
{
    const std::string value = nextAfter(text, std::string(name) + ' ');
    return value.empty() ? -1 : std::strtod(value.c_str(), nullptr);
}

std::map<std::string, double> metricsByLabel(
    std::string_view text, std::string_view name, std::string_view label)
{
    std::map<std::string, double> values;
    const std::string start = std::string(name) + '{' + std::string(label) + "=\"";
    while (!text.empty()) {
        const std::string rest = nextAfter(text, start);
        if (const auto quote = rest.find('"'); quote != std::string::npos)
            values[rest.substr(0, quote)] = std::strtod(rest.c_str() + rest.rfind(' '), nullptr);
    }
    return values;
}

} // namespace gantry::test
