// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry::standin {

/// What a caller asks for, already checked: a charge or a refund of one reference.
struct MoneyRequest {
    std::string key; ///< Idempotency-Key
    std::string reference; ///< the order's id
    std::int64_t amount = 0; ///< minor units of currency
    std::string currency; ///< ISO 4217

    bool operator==(const MoneyRequest&) const = default;
};

/// What came of it.
enum class Verdict {
    Captured,
    Refunded,
    NothingToRefund, ///< and the reference is void from now on
    Voided, ///< a charge of a void reference: refused
    KeyReused, ///< the key came with another request before: refused
    RefundTooLarge, ///< more than is left of the charge, or in another currency: refused
};

struct LedgerAnswer {
    Verdict verdict = Verdict::Captured;
    std::string id; ///< payment_id or refund_id; empty when refused
};

/// What stands in the books about one reference. The tests' oracle: charges never exceeds 1 when the caller is right.
struct LedgerEntry {
    std::uint32_t requests = 0; ///< that came in, whatever became of them
    std::uint32_t charges = 0; ///< times that money was taken
    std::int64_t captured = 0; ///< minor units taken in all
    std::int64_t refunded = 0; ///< minor units given back in all
    std::string currency; ///< of the first charge; empty before it
    bool voided = false;
};

/// The books of the stand-in, in memory. One thread only.
class Ledger {
public:
    /// Counts a request of that reference; the number is what its fate hangs on.
    std::uint32_t countRequest(const std::string& reference);

    /// Takes the money, once per key.
    LedgerAnswer charge(const MoneyRequest& request);

    /// Gives it back, once per key. Without a charge the reference becomes void.
    LedgerAnswer refund(const MoneyRequest& request);

    /// Whether a charge with that key has been taken.
    [[nodiscard]] bool hasCharge(const std::string& key) const { return m_charges.contains(key); }

    [[nodiscard]] const std::map<std::string, LedgerEntry>& entries() const noexcept { return m_entries; }

private:
    struct Recorded {
        MoneyRequest request;
        LedgerAnswer answer;
    };
    using Records = std::unordered_map<std::string, Recorded>;

    std::map<std::string, LedgerEntry> m_entries;
    Records m_charges;
    Records m_refunds;
};

} // namespace gantry::standin
