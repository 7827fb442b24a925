// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <simdjson.h>
#include <string>

namespace gantry::console {

/// The answer of /v1/stats as tables for a person, printable: each object of numbers is a table, whatever it is nested in. Whatever the daemon counts is shown, also what is new.
std::string statsText(simdjson::dom::element stats);

} // namespace gantry::console
