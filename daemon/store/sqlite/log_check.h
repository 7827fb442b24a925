// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <filesystem>

namespace gantry::store {

/// Looks a log over that a stopped process left, before SQLite recovers it. SQLite takes everything up to the first frame whose checksum does not fit
/// and silently drops the rest, because a torn last commit looks like that. But each commit is synced before the next begins: where two commits lie
/// behind a bad frame, it was on disk and is damaged, and acknowledged orders would be dropped.
/// Errors: Corrupt (damage that would lose commits), Unavailable (can't be read).
Result<void> checkLog(const std::filesystem::path& dataFile);

} // namespace gantry::store
