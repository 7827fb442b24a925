// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever happens, in whatever sequence, the engine keeps its promises: a partition on a real store, held against a record of the world outside.
#include "tests/daemon/engine/engine_chaos.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

/// What the cases should have come to and have not; empty if nothing.
std::string neverReached(const ChaosCoverage& coverage)
{
    const auto firstOf = [](const std::set<std::string>& all, std::initializer_list<const char*> wanted) {
        for (const char* each : wanted)
            if (!all.contains(each))
                return std::string(each);
        return std::string();
    };
    for (const std::string& missing :
        {firstOf(coverage.moves,
             {"submit", "claim", "work", "report", "repeat", "forge", "extend", "lose", "call", "act",
                 "pause", "break", "time", "killed", "died", "act retry", "act hold", "act release",
                 "act cancel", "act override", "act complete", "act approve", "act reject",
                 "act cancel refused"}),
            firstOf(coverage.failures,
                {"lease_expired", "not_started", "run_timeout", "no_answer", "refused", "late", "rejected"}),
            firstOf(coverage.verdicts, {"recorded", "stale_token", "storage_full"}),
            firstOf(coverage.events,
                {"step_completed", "step_failed", "retry_due", "step_retried", "step_overridden",
                    "hold_placed", "hold_released", "cancel_requested", "step_compensated", "order_completed",
                    "order_canceled"})})
        if (!missing.empty())
            return missing;
    for (const OrderState state : openStates())
        if (!coverage.states.contains(state))
            return std::string(stateName(state));
    return {};
}

} // namespace

class EnginePropertyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void keepsItsPromisesWhateverHappens()
    {
        constexpr int cases = 100;
        constexpr std::uint64_t mostRounds = 5; // one does most times; what is rare may take another
        ChaosCoverage coverage;
        for (std::uint64_t round = 0; round < mostRounds; ++round) {
            QVERIFY(holds(
                "the engine keeps its promises whatever happens",
                [&coverage, round](std::uint64_t seed, const std::vector<std::uint64_t>& script) {
                    EngineChaos chaos(mix64(seed + round), coverage);
                    for (const std::uint64_t move : script)
                        chaos.move(mix64(move + round));
                    chaos.checkAll();
                    chaos.settle();
                    chaos.checkAll();
                },
                cases));
            if (propertyCases(cases) < cases || neverReached(coverage).empty())
                return;
        }
        QVERIFY2(neverReached(coverage).empty(), neverReached(coverage).c_str());
    }
};

QTEST_GUILESS_MAIN(EnginePropertyTest)
#include "tst_engine_property.moc"
