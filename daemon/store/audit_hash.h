// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/audit.h"

#include <string_view>

namespace gantry::store {

/// What an entry's reason goes into its hash as: nobody can guess the reason by it without the salt.
AuditHash reasonDigest(const AuditSalt& salt, std::string_view reason);

/// The hash that an entry must have.
AuditHash auditHash(const AuditEntry& entry);

/// The entry that follows `chain`, with a fresh salt; the chain ends with it then.
AuditEntry append(AuditChain& chain, const AuditAct& act);

} // namespace gantry::store
