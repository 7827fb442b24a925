// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"
#include "console/client/data_dir.h"
#include "shared/util/result.h"

#include <istream>
#include <optional>
#include <string>

namespace gantry::console {

/// Where the session of somebody who has logged in by a profile is kept: in `$XDG_STATE_HOME/gantry`, else `~/.local/state/gantry`. A file for each profile: a token is
/// shown to no daemon but its own.
std::string sessionFileOf(const std::string& profilePath, const DataDirSurroundings& surroundings);

/// The token in that file; empty if there is none. Errors: Forbidden (others can read it), InvalidValue.
Result<std::optional<std::string>> loadSession(const std::string& file);

/// Keeps a token, for its owner alone to read. Errors: Unavailable.
Result<void> saveSession(const std::string& file, const std::string& token);

/// Clients that show the token with each call.
ClientFactory withSession(ClientFactory connect, std::string token);

/// A line that nobody should see: a terminal does not show what is typed. Errors: InvalidValue (there is none).
Result<std::string> readSecret(std::istream& input, const char* what);

} // namespace gantry::console
