// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/profile_codec.h"
#include "shared/util/result.h"

#include <string>

namespace gantry::console {

using Profile = ConnectionProfile;

/// Reads a profile file. Errors: NotFound, Forbidden (readable by others), MalformedJson, MissingField.
Result<Profile> loadProfile(const std::string& path);

/// Writes a profile file with mode 0600. Errors: Unavailable.
Result<void> saveProfile(const std::string& path, const Profile& profile);

/// Makes a new CURVE key pair the profile's own. Errors: Unavailable (libzmq built without CURVE).
Result<void> giveOwnKeys(Profile& profile);

} // namespace gantry::console
