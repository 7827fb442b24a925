// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/util/result.h"

#include <QTest>
#include <optional>
#include <string>
#include <string_view>

/// How values of ours look when a QCOMPARE fails.
namespace QTest {

template <>
inline char* toString(const std::string& text)
{
    return qstrdup(("\"" + text + "\"").c_str());
}

template <>
inline char* toString(const std::string_view& text)
{
    return toString(std::string(text));
}

} // namespace QTest

namespace gantry {

inline char* toString(ErrorCode code)
{
    return qstrdup(std::string(codeName(code)).c_str());
}

inline char* toString(OrderState state)
{
    return qstrdup(std::string(stateName(state)).c_str());
}

/// The refusal's code, or empty if there was none: for QCOMPARE.
template <typename T>
std::string codeOf(const Result<T>& result)
{
    return result ? std::string() : std::string(codeName(result.error().code));
}

} // namespace gantry
