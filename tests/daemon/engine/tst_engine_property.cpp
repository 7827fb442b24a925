// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever happens, in whatever sequence, the engine keeps its promises: a partition on a real store, held against a record of the world outside.
#include "tests/daemon/engine/engine_chaos.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

class EnginePropertyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void keepsItsPromisesWhateverHappens()
    {
        constexpr int cases = 100;
        ChaosCoverage coverage;
        QVERIFY(holds(
            "the engine keeps its promises whatever happens",
            [&coverage](std::uint64_t seed, const std::vector<std::uint64_t>& script) {
                EngineChaos chaos(seed, coverage);
                for (const std::uint64_t move : script)
                    chaos.move(move);
                chaos.checkAll();
                chaos.settle();
                chaos.checkAll();
            },
            cases));
        if (propertyCases(cases) < cases)
            return; // too few to reach everything
        const auto reached = [](const std::set<std::string>& all, std::initializer_list<const char*> wanted) {
            for (const char* each : wanted)
                if (!all.contains(each)) {
                    qWarning("never reached: %s", each);
                    return false;
                }
            return true;
        };
        QVERIFY(reached(coverage.moves,
            {"submit", "claim", "work", "report", "repeat", "forge", "extend", "lose", "call", "act", "pause",
                "break", "time", "killed", "died", "act retry", "act hold", "act release", "act cancel",
                "act override", "act complete", "act approve", "act reject", "act cancel refused"}));
        QVERIFY(reached(coverage.failures,
            {"lease_expired", "not_started", "run_timeout", "no_answer", "refused", "late", "rejected"}));
        QVERIFY(reached(coverage.verdicts, {"recorded", "stale_token", "storage_full"}));
        QVERIFY(reached(coverage.events,
            {"step_completed", "step_failed", "retry_due", "step_retried", "step_overridden", "hold_placed",
                "hold_released", "cancel_requested", "step_compensated", "order_completed",
                "order_canceled"}));
        for (const OrderState state : openStates())
            QVERIFY2(coverage.states.contains(state), std::string(stateName(state)).c_str());
    }
};

QTEST_GUILESS_MAIN(EnginePropertyTest)
#include "tst_engine_property.moc"
