// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/descriptors.h"

#include <sys/resource.h>

namespace gantry::app {

namespace {

constexpr std::uint64_t ofStoreAndServices = 512;
constexpr std::uint64_t busDoors = 3;

} // namespace

std::uint64_t descriptorsNeeded(const Config& config) noexcept
{
    return config.httpLimits.connections + busDoors * config.doorLimits.connections + ofStoreAndServices;
}

Result<std::uint64_t> descriptorLimitFor(std::uint64_t needed, std::uint64_t soft, std::uint64_t hard)
{
    if (soft >= needed)
        return soft;
    if (hard < needed)
        return failure(ErrorCode::InvalidValue,
            "The connections that are allowed need " + std::to_string(needed)
                + " file descriptors, and this process may have " + std::to_string(hard)
                + ". Lower [http] connections and [bus] connections, or raise LimitNOFILE of the service.");
    return needed;
}

Result<void> reserveDescriptors(const Config& config)
{
    rlimit limits{};
    ::getrlimit(RLIMIT_NOFILE, &limits);
    const auto wanted = descriptorLimitFor(descriptorsNeeded(config), limits.rlim_cur, limits.rlim_max);
    if (!wanted)
        return tl::unexpected(wanted.error());
    limits.rlim_cur = *wanted;
    if (::setrlimit(RLIMIT_NOFILE, &limits) != 0)
        return failure(ErrorCode::InvalidValue,
            "The limit of file descriptors could not be set to " + std::to_string(*wanted)
                + ". Lower [http] connections and [bus] connections.");
    return {};
}

} // namespace gantry::app
