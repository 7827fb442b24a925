// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>
#include <string_view>

namespace gantry {

/// The HTTP status that tells an error of that code.
int httpStatus(ErrorCode code) noexcept;

/// The short name of a kind of problem, for people: "Order exists".
std::string_view problemTitle(ErrorCode code) noexcept;

/// An error as a problem document of RFC 9457: `{"type","title","status","detail","code","retryable","errors":[{"pointer","code","detail"}]}`.
std::string encodeProblem(const Error& error);
/// The same, told with another status than the code's own (417, 421).
std::string encodeProblem(const Error& error, int status);

/// Reads a problem document; anything else becomes Internal with the text as its message.
Error decodeProblem(std::string_view json);

} // namespace gantry
