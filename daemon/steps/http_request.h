// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_runner.h"
#include "daemon/steps/http_service.h"
#include "shared/util/result.h"

#include <string>

namespace gantry::steps {

/// The bytes of the call that a task asks for, of HTTP/1.1. Errors: Corrupt (the order's document can't be read); InvalidValue (the order
/// has a text that can't stand where the workflow wants it).
Result<std::string> makeRequest(const HttpService& service, const engine::Task& task);

} // namespace gantry::steps
