// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/certificate.h"

namespace gantry::app {

namespace {

constexpr std::chrono::days warnAhead{14};
constexpr const char* whatToDo = " Renew it, and send the daemon SIGHUP.";

} // namespace

Result<std::shared_ptr<const api::TlsIdentity>> loadRenewedCertificate(
    const api::TlsFiles& files, const Clock& clock)
{
    auto identity = api::TlsIdentity::load(files);
    if (!identity)
        return identity;
    const Timestamp now = clock.now();
    if (now < (*identity)->notBefore() || now >= (*identity)->notAfter())
        return failure(ErrorCode::InvalidValue,
            "The certificate " + files.certificate + " is valid from "
                + formatRfc3339((*identity)->notBefore()) + " to " + formatRfc3339((*identity)->notAfter())
                + ", which is not now. Put a valid one in its place.");
    return identity;
}

std::string certificateWarning(const api::TlsIdentity& identity, Timestamp now)
{
    if (now < identity.notBefore())
        return "The TLS certificate is not valid before " + formatRfc3339(identity.notBefore())
            + ": callers refuse it. Look whether this machine's clock is right.";
    if (now >= identity.notAfter())
        return "The TLS certificate has expired at " + formatRfc3339(identity.notAfter())
            + ": callers refuse it." + whatToDo;
    if (now + warnAhead >= identity.notAfter())
        return "The TLS certificate expires at " + formatRfc3339(identity.notAfter()) + '.' + whatToDo;
    return {};
}

} // namespace gantry::app
