// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/app/config.h"
#include "shared/util/result.h"

#include <cstdint>

namespace gantry::app {

/// How many descriptors the process needs when every door has as many connections as it may, with some for the store and for calls of services.
[[nodiscard]] std::uint64_t descriptorsNeeded(const Config& config) noexcept;

/// What the soft limit of descriptors has to be: `soft` if that is enough, `needed` if `hard` allows it. Errors: InvalidValue.
Result<std::uint64_t> descriptorLimitFor(std::uint64_t needed, std::uint64_t soft, std::uint64_t hard);

/// Raises this process's soft limit so that a door that is full takes none from the store: without a descriptor it could neither commit nor, as the
/// library of the bus, rest. Errors: InvalidValue.
Result<void> reserveDescriptors(const Config& config);

} // namespace gantry::app
