// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <simdjson.h>
#include <string>

namespace gantry::console {

/// An event of an order as one printable line: time, the order's id if wanted, version, what happened, by whom. An event of a kind not known here is
/// shown with its data as it is.
std::string eventText(simdjson::dom::element event, bool withOrder);

} // namespace gantry::console
