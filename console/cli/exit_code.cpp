// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/exit_code.h"

namespace gantry::console {

ExitCode exitCodeOf(ErrorCode code) noexcept
{
    switch (code) {
    case ErrorCode::MalformedJson:
    case ErrorCode::InvalidUtf8:
    case ErrorCode::DuplicateKey:
    case ErrorCode::UnknownField:
    case ErrorCode::MissingField:
    case ErrorCode::WrongType:
    case ErrorCode::InvalidValue:
    case ErrorCode::UnknownCurrency:
    case ErrorCode::TotalMismatch:
    case ErrorCode::TooManyLines:
    case ErrorCode::AmountOverflow:
    case ErrorCode::BodyTooLarge:
    case ErrorCode::MalformedRequest:
    case ErrorCode::HeadersTooLarge:
    case ErrorCode::UnsupportedMediaType:
    case ErrorCode::UnknownParameter:
    case ErrorCode::InvalidCursor: return ExitCode::BadData;
    case ErrorCode::Unauthenticated:
    case ErrorCode::Forbidden: return ExitCode::NotPermitted;
    case ErrorCode::NotFound:
    case ErrorCode::OrderExists:
    case ErrorCode::VersionMismatch:
    case ErrorCode::ActionNotAllowed:
    case ErrorCode::StaleToken:
    case ErrorCode::IdempotencyKeyReused: return ExitCode::Refused;
    case ErrorCode::IdempotencyInProgress:
    case ErrorCode::Busy:
    case ErrorCode::RateLimited:
    case ErrorCode::RequestTimeout:
    case ErrorCode::ShuttingDown:
    case ErrorCode::StorageFull: return ExitCode::TryAgain;
    case ErrorCode::Unavailable: return ExitCode::Unreachable;
    case ErrorCode::MethodNotAllowed:
    case ErrorCode::ProtocolMismatch:
    case ErrorCode::Corrupt:
    case ErrorCode::Internal: return ExitCode::Software;
    }
    return ExitCode::Software;
}

const char* exitCodeHelp() noexcept
{
    return "Exit codes:\n"
           "   0  done\n"
           "   1  done, but some items were refused; each is named\n"
           "   2  verify: something in the store does not hold; each finding is named\n"
           "  64  the command line is wrong\n"
           "  65  the input can't be read as what it should be\n"
           "  66  a file that is needed is not there\n"
           "  69  the daemon does not answer\n"
           "  70  the daemon reports trouble of its own\n"
           "  73  an output file can't be made\n"
           "  74  reading or writing failed half-way\n"
           "  75  stopped half-way: the same command goes on where it stopped\n"
           "  77  not permitted for this profile";
}

} // namespace gantry::console
