// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace gantry::test {

/// The value of a metric without labels in what /metrics answers; -1 if it is not told.
double metricOf(std::string_view text, std::string_view name);

/// The values of a metric by the value of its only label.
std::map<std::string, double> metricsByLabel(
    std::string_view text, std::string_view name, std::string_view label);

} // namespace gantry::test
