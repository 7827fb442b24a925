// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/audit.h"

#include <string>

namespace gantry {

class JsonWriter;

/// The bytes that an entry's hash is made over; docs/audit.md tells them one by one. Everything in the entry but its hash, its reason and the salt: for the
/// reason stands its digest.
std::string auditBytes(const AuditEntry& entry);

/// Bytes as lower-case hexadecimal digits.
std::string hexOf(const AuditHash& hash);

/// Writes an entry as a JSON object. `withChain`: with what is needed to check it.
void writeAuditEntry(JsonWriter& json, const AuditEntry& entry, bool withChain);

} // namespace gantry
