// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"

#include <string>
#include <string_view>

namespace gantry::api {

/// BLAKE2b-128 of some bytes: by it a repeated request is told from another one.
store::Fingerprint fingerprintOf(std::string_view bytes);

/// BLAKE2b-256 keyed with the server's pepper: how an API key is kept. `pepper` is 32 bytes.
std::string hashApiKey(std::string_view key, std::string_view pepper);

/// A new API key: `gk_` and 43 characters that carry 256 random bits.
std::string makeApiKey();

} // namespace gantry::api
