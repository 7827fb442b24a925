// SPDX-License-Identifier: GPL-3.0-or-later
// The hash of an entry of the audit, held to one that was made outside of Gantry from docs/audit.md.
#include "daemon/store/audit_hash.h"
#include "shared/protocol/audit_codec.h"
#include "shared/protocol/json_writer.h"

#include <QTest>
#include <functional>
#include <numeric>

using namespace gantry;

namespace {

AuditEntry sample()
{
    AuditEntry entry{.partition = 3,
        .sequence = 9,
        .act = {.at = fromMillis(1'772'300'000'000),
            .actor = "ann",
            .origin = {AuditDoor::ZeroMq, "10.0.0.5", 12},
            .action = "order.cancel",
            .targetKind = "order",
            .target = "ord_1",
            .reason = "wrong address",
            .before = R"({"version":3})",
            .after = R"({"version":4})"}};
    entry.salt.emplace();
    std::iota(entry.salt->begin(), entry.salt->end(), std::uint8_t{0});
    entry.previous.fill(7);
    entry.reasonDigest = store::reasonDigest(*entry.salt, entry.act.reason);
    entry.hash = store::auditHash(entry);
    return entry;
}

} // namespace

class AuditHashTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isTheOneThatIsPromised()
    {
        const AuditEntry entry = sample();
        QCOMPARE(hexOf(entry.reasonDigest),
            std::string("eaf2fdafa17a0fdd19be0b62094a11938fa36442cfb2af286e31df831d796b9f"));
        QCOMPARE(hexOf(entry.hash),
            std::string("d00bb6941fe08dce93f5cc2db03a99123eb8390f6f15d9e6a9292643eaf0f741"));
    }

    void everyFieldCounts()
    {
        const std::vector<std::function<void(AuditEntry&)>> changes{[](AuditEntry& e) { e.partition = 4; },
            [](AuditEntry& e) { e.sequence = 10; },
            [](AuditEntry& e) { e.act.at += std::chrono::milliseconds(1); },
            [](AuditEntry& e) { e.act.actor = "bob"; },
            [](AuditEntry& e) { e.act.origin.door = AuditDoor::Http; },
            [](AuditEntry& e) { e.act.origin.peer = "10.0.0.6"; },
            [](AuditEntry& e) { e.act.origin.key = 13; }, [](AuditEntry& e) { e.act.action = "order.hold"; },
            [](AuditEntry& e) { e.act.targetKind = "o"; }, [](AuditEntry& e) { e.act.target = "ord_2"; },
            [](AuditEntry& e) { e.act.before = "{}"; }, [](AuditEntry& e) { e.act.after = "{}"; },
            [](AuditEntry& e) { e.reasonDigest[31] ^= 1; }, [](AuditEntry& e) { e.previous[0] ^= 1; },
            // What goes over from one field to the next is not the same.
            [](AuditEntry& e) {
                e.act.actor = "an";
                e.act.action = "norder.cancel";
            }};
        const AuditEntry entry = sample();
        for (std::size_t i = 0; i < changes.size(); ++i) {
            AuditEntry changed = entry;
            changes[i](changed);
            QVERIFY2(store::auditHash(changed) != entry.hash, std::to_string(i).c_str());
        }
    }

    void anErasedReasonLeavesTheHash()
    {
        AuditEntry entry = sample();
        entry.act.reason.clear();
        entry.salt.reset();
        QVERIFY(store::auditHash(entry) == entry.hash);
        JsonWriter json;
        writeAuditEntry(json, entry, true);
        QVERIFY(json.text().find("\"reason_erased\":true") != std::string::npos);
        QVERIFY(json.text().find("wrong address") == std::string::npos);
    }

    void aChainGoesOn()
    {
        AuditChain chain{.partition = 3};
        const AuditEntry first = store::append(chain, sample().act);
        const AuditEntry second = store::append(chain, sample().act);
        QVERIFY(first.sequence == 1 && first.previous == AuditHash{});
        QVERIFY(second.sequence == 2 && second.previous == first.hash);
        QVERIFY(chain.last == 2 && chain.head == second.hash && chain.first == 1);
        QVERIFY(first.salt && second.salt && *first.salt != *second.salt);
    }
};

QTEST_APPLESS_MAIN(AuditHashTest)
#include "tst_audit_hash.moc"
