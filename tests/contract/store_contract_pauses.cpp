// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_world.h"

namespace gantry::test {

using namespace store;

void StoreContract::keepsPausesAndHowTheyEnded()
{
    World& w = *m_world;
    const Pause ship{PauseScope::Step, "ship", w.tick(), "ann", "the printer is broken"};
    const Pause sameName{PauseScope::Task, "ship", w.tick(), "ann", "another thing"};
    const Pause channel{PauseScope::Channel, "Größe", w.tick(), "bob", "stocktaking"};
    for (const Pause& pause : {channel, sameName, ship}) {
        const auto put = w.partition->putPause(pause);
        VERIFY_OK(put);
        QVERIFY(*put);
    }
    auto again = ship;
    again.by = "bob";
    const auto known = w.partition->putPause(again); // what holds stays as it is
    VERIFY_OK(known);
    QVERIFY(!*known);
    w.reopen();
    QVERIFY((*w.reader->listPauses() == std::vector<Pause>{ship, sameName, channel}));

    const PauseEnd end{w.tick(), "cleo", "a new printer"};
    const auto ended = w.partition->endPause(PauseScope::Step, "ship", end);
    VERIFY_OK(ended);
    QVERIFY(*ended);
    const auto twice = w.partition->endPause(PauseScope::Step, "ship", end);
    VERIFY_OK(twice);
    QVERIFY(!*twice);
    QVERIFY((*w.reader->listPauses() == std::vector<Pause>{sameName, channel}));

    // Paused and ended again: both stay on record, the last first.
    const Pause second{PauseScope::Step, "ship", w.tick(), "dan", "paper"};
    const PauseEnd secondEnd{w.tick(), "dan", "filled"};
    VERIFY_OK(w.partition->putPause(second));
    VERIFY_OK(w.partition->endPause(PauseScope::Step, "ship", secondEnd));
    w.reopen();
    QVERIFY((*w.reader->listEndedPauses(10) == std::vector<EndedPause>{{second, secondEnd}, {ship, end}}));
    QVERIFY((*w.reader->listEndedPauses(1) == std::vector<EndedPause>{{second, secondEnd}}));
}

void StoreContract::aStaleOwnerPausesNothing()
{
    World& w = *m_world;
    VERIFY_OK(w.partition->putPause({PauseScope::Worker, "w1", w.now, "ann", "r"}));
    const auto usurper = w.store->acquire(0);
    VERIFY_OK(usurper);
    VERIFY_FAILS(w.partition->putPause({PauseScope::Worker, "w2", w.now, "ann", "r"}), ErrorCode::StaleToken);
    VERIFY_FAILS(w.partition->endPause(PauseScope::Worker, "w1", {w.now, "ann", "r"}), ErrorCode::StaleToken);
    QCOMPARE(w.reader->listPauses()->size(), std::size_t{1});
    QVERIFY(w.reader->listEndedPauses(10)->empty());
}

} // namespace gantry::test
