// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHostAddress>

namespace gantry::steps {

/// Whether an address is one of the public internet: not private, loopback, link-local, shared (RFC 6598), unique local, multicast, reserved or for
/// documents, nor an IPv6 address that carries such an IPv4 address in it. The addresses that clouds give out secrets at are link-local or unique
/// local. See the IANA registries of special-purpose addresses (RFC 6890).
bool isPublicAddress(const QHostAddress& address);

} // namespace gantry::steps
