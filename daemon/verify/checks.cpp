// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/audit_check.h"
#include "daemon/verify/check.h"
#include "daemon/verify/counter_check.h"
#include "daemon/verify/order_check.h"
#include "daemon/verify/reservation_check.h"
#include "daemon/verify/sequence_check.h"
#include "daemon/verify/stock_check.h"

namespace gantry::verify {

std::vector<std::unique_ptr<Check>> makeChecks(const store::VerifyStart& start)
{
    const auto census = std::make_shared<Census>();
    std::vector<std::unique_ptr<Check>> checks;
    checks.push_back(std::make_unique<OrderCheck>(start, census));
    checks.push_back(std::make_unique<CounterCheck>(start, census)); // of what the orders have told
    checks.push_back(std::make_unique<SequenceCheck>(start));
    checks.push_back(std::make_unique<ReservationCheck>());
    checks.push_back(std::make_unique<StockCheck>());
    checks.push_back(std::make_unique<AuditCheck>(start));
    return checks;
}

} // namespace gantry::verify
