#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds everything and runs all tests. May be run again and again; leaves nothing running.
#   packaging/test.sh [CTEST OPTIONS]     for example: packaging/test.sh -R tst_money
set -euo pipefail
# shellcheck source=packaging/lib.sh
source "$(dirname "$0")/lib.sh"

install_missing build run test
build dev
say "Testing: preset dev"
exec ctest --preset dev "$@"
