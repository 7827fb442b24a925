// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"
#include "shared/util/time.h"

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace gantry::api {

/// Where the certificate lies, in PEM.
struct TlsFiles {
    std::string certificate; ///< the server's own, then those that lead to the one that callers know
    std::string key; ///< its private key, readable by its owner alone, without a passphrase
    std::string clientCa; ///< callers must show a certificate of one of these; empty: they need none
    bool operator==(const TlsFiles&) const = default;
};

struct FreeTlsContext {
    void operator()(ssl_ctx_st* context) const noexcept;
};
struct FreeTlsSession {
    void operator()(ssl_st* session) const noexcept;
};
using TlsSession = std::unique_ptr<ssl_st, FreeTlsSession>;

/// What the HTTP door shows of itself, and the terms on which it speaks TLS: 1.2 or 1.3, forward secrecy and authenticated ciphers only, no
/// renegotiation, no resumption. Immutable; any thread.
class TlsIdentity {
public:
    /// Reads the files and sees whether they fit each other. The dates are for the caller to judge. Errors: NotFound, Forbidden (others may change a
    /// file, or read the key), InvalidValue (no PEM, a passphrase, a key of another certificate, too weak), each with what to do.
    static Result<std::shared_ptr<const TlsIdentity>> load(const TlsFiles& files);

    /// A new connection's half of the handshake, not yet on a socket. Null if there is no memory.
    [[nodiscard]] TlsSession newSession() const noexcept;

    [[nodiscard]] Timestamp notBefore() const noexcept { return m_notBefore; }
    [[nodiscard]] Timestamp notAfter() const noexcept { return m_notAfter; }

private:
    using Context = std::unique_ptr<ssl_ctx_st, FreeTlsContext>;
    TlsIdentity(Context context, Timestamp notBefore, Timestamp notAfter) noexcept
        : m_context(std::move(context))
        , m_notBefore(notBefore)
        , m_notAfter(notAfter)
    {
    }
    Context m_context;
    Timestamp m_notBefore;
    Timestamp m_notAfter;
};

} // namespace gantry::api
