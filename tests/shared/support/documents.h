// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_document.h"
#include "tests/shared/support/property.h"

namespace gantry::test {

/// A document that nothing is wrong with: two lines, every field filled.
OrderDocument sampleDocument();

/// A text of up to `most` bytes in many scripts, with what needs escaping, and valid UTF-8 without control characters.
std::string randomText(Dice& dice, std::size_t most);

/// Any document that nothing is wrong with.
OrderDocument randomDocument(Dice& dice);

} // namespace gantry::test
