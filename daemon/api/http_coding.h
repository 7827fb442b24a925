// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"

#include <string_view>

namespace gantry::api {

/// Whether an Accept-Encoding field (RFC 9110, 12.5.3) asks for gzip: named, or by `*`, with a quality over 0 that is no less than that of `identity`.
[[nodiscard]] bool acceptsGzip(std::string_view acceptEncoding) noexcept;

/// Sends a body as gzip where that is worth it: text of at least 1 KiB and at most 4 MiB that is shorter for it. Not what has an ETag, for that names these very bytes, nor
/// what must not be stored, for that may hold a secret beside what a stranger chose. Says in `Vary` that the answer hangs on Accept-Encoding.
void compress(ApiResponse& response, bool isAccepted);

} // namespace gantry::api
