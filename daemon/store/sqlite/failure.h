// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string_view>

namespace gantry::store {

/// Which kind of connection something failed on: what a failure means differs.
enum class Access { Writer, Reader };

/// An SQLite result code (extended or not) as an Error. `doing`: what was being done, as in "committing a batch".
Error describeFailure(int code, std::string_view message, std::string_view doing, Access access);

/// Whether nothing more may be written after this code: the disk or the file can't be trusted, and what was in flight may or may not be
/// on disk (an I/O error, a failed sync, damage).
bool mustStopWriting(int code) noexcept;

} // namespace gantry::store
