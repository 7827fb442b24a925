// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>
#include <string_view>

namespace gantry {

/// Writes a file that only its owner may read (0600): whole or not at all, on disk when this returns. Replaces what was there.
/// Errors: Unavailable (with what the system said).
Result<void> writePrivateFile(const std::string& path, std::string_view content);

/// Reads such a file, at most 64 KiB. Errors: NotFound, Forbidden (others than its owner may read or write it, or we may not),
/// InvalidValue (too long, or not a file).
Result<std::string> readPrivateFile(const std::string& path);

} // namespace gantry
