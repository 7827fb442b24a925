// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace gantry::test {

/// A certificate that vouches for itself, with its key, as the program `openssl` makes them.
struct TestCertificate {
    std::string certificate; ///< path of a file in PEM
    std::string key; ///< 0600
};

/// How one is made.
struct CertificatePlan {
    std::string name = "IP:127.0.0.1"; ///< for whom: `DNS:…` or `IP:…`
    int days = 90; ///< from now
    std::string algorithm = "ec"; ///< or `rsa:2048` and so on
};

/// Makes one in files `PREFIX.pem` and `PREFIX.key`. Ends the process if it can't.
TestCertificate makeTestCertificate(const std::string& prefix, const CertificatePlan& plan = {});

} // namespace gantry::test
