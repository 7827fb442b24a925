// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/engine/principal_messages.h"
#include "shared/util/clock.h"

namespace gantry::api {

// What requests about principals say, as commands without a reply. Errors of all: those of any body, and of the field that is wrong.

/// `POST /v1/principals`.
Result<engine::PrincipalCommand> readPrincipal(const Call& call, Timestamp now);

/// `PUT /v1/principals/{}`.
Result<engine::PrincipalCommand> readPrincipalChange(const Call& call);

/// `POST /v1/principals/{}/keys`. The material of an API key is left for the caller to fill in.
Result<engine::PrincipalCommand> readNewKey(const Call& call, Timestamp now);

/// `DELETE /v1/principals/{}/keys/{}`.
Result<engine::PrincipalCommand> readRevocation(const Call& call);

} // namespace gantry::api
