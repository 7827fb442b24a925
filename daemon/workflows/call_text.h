// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/http_call.h"
#include "shared/util/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace gantry::workflows {

/// What a field gives for one attempt: the text, the number's digits, or the JSON.
using FieldSource = std::function<std::string(TemplateField field, const std::string& key)>;

/// A template as part of a JSON document: texts are escaped, and stand in the template's own quotes. Texts must be UTF-8.
std::string renderJson(const TextTemplate& text, const FieldSource& source);

/// A template as path and query: texts are percent-encoded. Errors: InvalidValue (a part of the path would be empty, `.` or `..`, and so lead
/// elsewhere).
Result<std::string> renderPath(const TextTemplate& text, const FieldSource& source);

/// A template as a header's value. Errors: InvalidValue (a control character, which could end the header).
Result<std::string> renderHeader(const TextTemplate& text, const FieldSource& source);

/// Whether a header's name is a token of RFC 9110.
bool isHeaderName(std::string_view name) noexcept;

/// Whether a header is written by the daemon, so that nobody else may: `Host`, `Content-Length`, `Idempotency-Key` and the like.
bool isOwnHeader(std::string_view name);

} // namespace gantry::workflows
