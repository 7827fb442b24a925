// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>

namespace gantry::bus {

/// A CURVE key pair, each key as 40 characters of Z85.
struct CurveKeyPair {
    std::string publicKey;
    std::string secretKey;
};

/// A new pair. Errors: Unavailable (libzmq built without CURVE).
Result<CurveKeyPair> makeCurveKeyPair();

/// The pair kept in that file, e.g. `DIR/server.curve`. Errors: NotFound, Forbidden (others may read it, or it is a symbolic link), Corrupt (not a pair of ours).
Result<CurveKeyPair> loadKeyPair(const std::string& path);

/// Keeps a pair in a file of mode 0600. Errors: Unavailable.
Result<void> writeKeyPair(const std::string& path, const CurveKeyPair& keys);

/// The pair kept in that file; made and kept there if there is no such file.
Result<CurveKeyPair> loadOrMakeKeyPair(const std::string& path);

} // namespace gantry::bus
