// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/tls_identity.h"

#include "shared/util/private_file.h"

#include <algorithm>
#include <ctime>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string_view>

namespace gantry::api {

namespace {

/// TLS 1.2 with forward secrecy and authenticated ciphers; those of 1.3 all are.
constexpr const char* ciphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr int securityLevel = 2; ///< RSA of 2048 bits, no SHA-1
constexpr std::string_view http11 = "\x08http/1.1";
constexpr int mostCertificates = 16; ///< of a chain

struct Free {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

/// Why the library refused, in its own words; forgets all errors.
std::string reason()
{
    const char* text = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return text ? text : "unknown";
}

tl::unexpected<Error> refused(const std::string& what)
{
    ERR_clear_error();
    return failure(ErrorCode::InvalidValue, what);
}

/// Never asks anybody for a passphrase: the daemon has no terminal.
int noPassphrase(char*, int, int, void* wasAsked)
{
    *static_cast<bool*>(wasAsked) = true;
    return -1;
}

Bio readerOf(const std::string& pem)
{
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

/// The certificates of a file, in its order. Errors: those of readTrustedFile(); InvalidValue.
Result<std::vector<Certificate>> readCertificates(const std::string& path)
{
    const auto file = readTrustedFile(path);
    if (!file)
        return tl::unexpected(file.error());
    const Bio bio = readerOf(file->content);
    std::vector<Certificate> all;
    while (X509* each = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        all.emplace_back(each);
        if (all.size() > mostCertificates)
            return refused(path
                + " holds more than 16 certificates. Leave those that lead from the server's own to "
                  "the one that callers know.");
    }
    const bool isEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (all.empty() || !isEnd)
        return refused(
            path + " does not hold certificates in PEM, or one of them is damaged. Write it anew.");
    ERR_clear_error();
    return all;
}

Result<Key> readKey(const std::string& path)
{
    const auto pem = readPrivateFile(path);
    if (!pem)
        return tl::unexpected(pem.error());
    bool wasAsked = false;
    Key key(PEM_read_bio_PrivateKey(readerOf(*pem).get(), nullptr, noPassphrase, &wasAsked));
    if (wasAsked)
        return refused(path
            + " is locked by a passphrase, and nobody is there to type it. Keep the key without one, "
              "readable by its owner alone.");
    if (!key)
        return refused(path + " does not hold a private key in PEM. Write it anew.");
    return key;
}

Timestamp timeOf(const ASN1_TIME* time)
{
    std::tm parts{};
    return ASN1_TIME_to_tm(time, &parts) == 1 ? fromMillis(std::int64_t{::timegm(&parts)} * 1000)
                                              : Timestamp{};
}

/// HTTP/1.1 is all that is spoken here: who offers only other protocols is told so by an alert.
int chooseProtocol(
    SSL*, const unsigned char** out, unsigned char* outSize, const unsigned char* in, unsigned inSize, void*)
{
    unsigned char* chosen = nullptr;
    const int found =
        SSL_select_next_proto(&chosen, outSize, reinterpret_cast<const unsigned char*>(http11.data()),
            static_cast<unsigned>(http11.size()), in, inSize);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool setTerms(SSL_CTX* context)
{
    SSL_CTX_set_security_level(context, securityLevel);
    SSL_CTX_set_options(context,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE
            | SSL_OP_PRIORITIZE_CHACHA
            // A caller that hangs up without saying so: requests tell their own length, so nothing is cut unseen.
            | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nullptr);
    return SSL_CTX_set_num_tickets(context, 0) == 1
        && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
        && SSL_CTX_set_cipher_list(context, ciphers12) == 1
        && SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

/// The certificate, what leads to it, and its key.
Result<void> setIdentity(
    SSL_CTX* context, std::vector<Certificate>& chain, EVP_PKEY* key, const TlsFiles& files)
{
    if (X509_check_private_key(chain.front().get(), key) != 1)
        return refused("The key " + files.key + " is not that of the certificate " + files.certificate
            + ", which must stand first in its file. Put both in place that belong together.");
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1
        || SSL_CTX_use_PrivateKey(context, key) != 1)
        return refused("The certificate " + files.certificate + " can't be used: " + reason()
            + ". Make one with an ECDSA key of P-256, or RSA of 2048 bits or more.");
    for (std::size_t at = 1; at < chain.size(); ++at)
        if (SSL_CTX_add1_chain_cert(context, chain[at].get()) != 1)
            return refused("Certificate " + std::to_string(at + 1) + " of " + files.certificate
                + " can't be used: " + reason() + ". Write the chain anew.");
    return {};
}

/// Callers must show a certificate of one of these.
Result<void> requireCallers(SSL_CTX* context, const std::string& path)
{
    const auto authorities = readCertificates(path);
    if (!authorities)
        return tl::unexpected(authorities.error());
    for (const Certificate& each : *authorities)
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), each.get()) != 1
            || SSL_CTX_add_client_CA(context, each.get()) != 1)
            return refused(
                "A certificate of " + path + " can't be used: " + reason() + ". Write the file anew.");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return {};
}

} // namespace

void FreeTlsContext::operator()(ssl_ctx_st* context) const noexcept
{
    SSL_CTX_free(context);
}

void FreeTlsSession::operator()(ssl_st* session) const noexcept
{
    SSL_free(session);
}

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const TlsFiles& files)
{
    ERR_clear_error();
    auto chain = readCertificates(files.certificate);
    if (!chain)
        return tl::unexpected(chain.error());
    const auto key = readKey(files.key);
    if (!key)
        return tl::unexpected(key.error());
    Context context(SSL_CTX_new(TLS_server_method()));
    if (!context || !setTerms(context.get()))
        return failure(ErrorCode::Unavailable, "OpenSSL can't be set up: " + reason() + '.');
    if (auto set = setIdentity(context.get(), *chain, key->get(), files); !set)
        return tl::unexpected(set.error());
    if (!files.clientCa.empty())
        if (auto set = requireCallers(context.get(), files.clientCa); !set)
            return tl::unexpected(set.error());
    const X509* own = chain->front().get();
    return std::shared_ptr<const TlsIdentity>(new TlsIdentity(
        std::move(context), timeOf(X509_get0_notBefore(own)), timeOf(X509_get0_notAfter(own))));
}

TlsSession TlsIdentity::newSession() const noexcept
{
    return TlsSession(SSL_new(m_context.get()));
}

} // namespace gantry::api
