// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/address_guard.h"

#include <algorithm>
#include <array>

namespace gantry::steps {

namespace {

struct Range4 {
    quint32 base;
    int bits;
};

constexpr quint32 ip4(quint32 a, quint32 b, quint32 c, quint32 d)
{
    return (a << 24U) | (b << 16U) | (c << 8U) | d;
}

constexpr std::array special4{
    Range4{ip4(0, 0, 0, 0), 8}, // this network
    Range4{ip4(10, 0, 0, 0), 8}, // private
    Range4{ip4(100, 64, 0, 0), 10}, // shared by a provider's customers
    Range4{ip4(127, 0, 0, 0), 8}, // loopback
    Range4{ip4(169, 254, 0, 0), 16}, // link-local, metadata of clouds
    Range4{ip4(172, 16, 0, 0), 12}, // private
    Range4{ip4(192, 0, 0, 0), 24}, // protocol assignments
    Range4{ip4(192, 0, 2, 0), 24}, // documents
    Range4{ip4(192, 88, 99, 0), 24}, // 6to4 relays
    Range4{ip4(192, 168, 0, 0), 16}, // private
    Range4{ip4(198, 18, 0, 0), 15}, // benchmarks
    Range4{ip4(198, 51, 100, 0), 24}, // documents
    Range4{ip4(203, 0, 113, 0), 24}, // documents
    Range4{ip4(224, 0, 0, 0), 3}, // multicast, reserved, broadcast
};

bool isPublic4(quint32 address)
{
    return std::none_of(special4.begin(), special4.end(), [address](const Range4& range) {
        return (address ^ range.base) >> static_cast<unsigned>(32 - range.bits) == 0;
    });
}

quint32 embedded4(const Q_IPV6ADDR& bytes, int at)
{
    return ip4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool isPublic6(const QHostAddress& address)
{
    const auto isIn = [&address](const char* base, int bits) {
        return address.isInSubnet(QHostAddress(QLatin1String(base)), bits);
    };
    const Q_IPV6ADDR bytes = address.toIPv6Address();
    if (isIn("::ffff:0:0", 96) || isIn("64:ff9b::", 96))
        return isPublic4(embedded4(bytes, 12));
    if (isIn("2002::", 16))
        return isPublic4(embedded4(bytes, 2));
    // 2001::/23 holds what tunnels and experiments use; what is public lies in 2000::/3.
    return isIn("2000::", 3) && !isIn("2001::", 23) && !isIn("2001:db8::", 32) && !isIn("3fff::", 20);
}

} // namespace

bool isPublicAddress(const QHostAddress& address)
{
    if (address.protocol() == QAbstractSocket::IPv4Protocol)
        return isPublic4(address.toIPv4Address());
    return address.protocol() == QAbstractSocket::IPv6Protocol && isPublic6(address);
}

} // namespace gantry::steps
