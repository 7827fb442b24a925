// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/tls_identity.h"
#include "shared/util/clock.h"

#include <string>

namespace gantry::app {

/// Reads the certificate and its key to go on with while the daemon runs, so it must be valid now. Errors: those of TlsIdentity::load(); InvalidValue.
Result<std::shared_ptr<const api::TlsIdentity>> loadRenewedCertificate(
    const api::TlsFiles& files, const Clock& clock);

/// What to say of a certificate that callers refuse, or will within 14 days; empty if all is well.
std::string certificateWarning(const api::TlsIdentity& identity, Timestamp now);

} // namespace gantry::app
