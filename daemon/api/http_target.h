// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>
#include <string_view>

namespace gantry::api {

/// A request target taken apart and made safe to route by.
struct HttpTarget {
    std::string path; ///< percent-decoded once, valid UTF-8, no control characters, no dot segments
    std::string query; ///< raw, without '?'
};

/// Reads a request target in origin form, or in absolute form if its authority is `host` itself. The message of the error (always
/// MalformedRequest) says what is wrong with it.
Result<HttpTarget> parseHttpTarget(std::string_view target, std::string_view host);

/// Whether the text is a Host header's value: a name or an address, with or without a port.
bool isHttpHost(std::string_view host) noexcept;

/// The part of a valid Host value that names the host: without port, as it was written.
std::string_view hostName(std::string_view host) noexcept;

/// ASCII comparison that takes no heed of case.
bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept;

/// Whether the bytes are valid UTF-8.
bool isValidUtf8(std::string_view bytes) noexcept;

} // namespace gantry::api
