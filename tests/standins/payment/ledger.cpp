// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/standins/payment/ledger.h"

namespace gantry::standin {

std::uint32_t Ledger::countRequest(const std::string& reference)
{
    return ++m_entries[reference].requests;
}

LedgerAnswer Ledger::charge(const MoneyRequest& request)
{
    if (const auto known = m_charges.find(request.key); known != m_charges.end())
        return known->second.request == request ? known->second.answer : LedgerAnswer{Verdict::KeyReused, {}};
    auto& entry = m_entries[request.reference];
    if (entry.voided)
        return {Verdict::Voided, {}};
    ++entry.charges;
    entry.captured += request.amount;
    if (entry.currency.empty())
        entry.currency = request.currency;
    const LedgerAnswer answer{Verdict::Captured, "pay_" + std::to_string(m_charges.size() + 1)};
    m_charges.emplace(request.key, Recorded{request, answer});
    return answer;
}

LedgerAnswer Ledger::refund(const MoneyRequest& request)
{
    if (const auto known = m_refunds.find(request.key); known != m_refunds.end())
        return known->second.request == request ? known->second.answer : LedgerAnswer{Verdict::KeyReused, {}};
    auto& entry = m_entries[request.reference];
    LedgerAnswer answer{Verdict::NothingToRefund, "ref_" + std::to_string(m_refunds.size() + 1)};
    if (entry.charges == 0) {
        entry.voided = true;
    } else {
        if (request.currency != entry.currency || request.amount > entry.captured - entry.refunded)
            return {Verdict::RefundTooLarge, {}};
        answer.verdict = Verdict::Refunded;
        entry.refunded += request.amount;
    }
    m_refunds.emplace(request.key, Recorded{request, answer});
    return answer;
}

} // namespace gantry::standin
