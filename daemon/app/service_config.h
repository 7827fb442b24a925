// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/steps/http_service.h"
#include "shared/util/result.h"

#include <string>
#include <toml++/toml.h>
#include <vector>

namespace gantry::app {

/// Reads the table `service` of a configuration file, one table a service, and the files that it names: secrets and certificates. `file` stands for
/// the configuration in messages. Errors: InvalidValue with file, line and column; those of readPrivateFile().
Result<std::vector<steps::HttpService>> readServices(const toml::table& table, const std::string& file);

} // namespace gantry::app
