// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/curve_keys.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"

#include <string>

namespace gantry::app {

/// What the daemon needs to know friend from stranger.
struct Credentials {
    std::string pepper; ///< 32 bytes that API keys are hashed with: DIR/server.pepper
    bus::CurveKeyPair server; ///< DIR/server.curve
    bus::CurveKeyPair admin; ///< the admin's console key, DIR/admin.curve, repeated in DIR/admin.profile
};

/// Loads the credentials of a data directory. On its first start it makes them, an API key for the principal `admin` in DIR/admin.key, and the
/// principal itself. What is not there at a later start is made anew, and is the admin's key from then on, in place of the oldest of its kind if there are two; so
/// is what somebody has put there. A key that was revoked stays so, and so does the admin if disabled. Errors: Forbidden (a secret that others can read),
/// Unavailable, Corrupt.
Result<Credentials> loadOrMakeCredentials(const std::string& dataDir, store::PartitionStore& partition,
    store::StoreReader& reader, const Clock& clock);

} // namespace gantry::app
