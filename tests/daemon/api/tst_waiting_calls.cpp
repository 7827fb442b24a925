// SPDX-License-Identifier: GPL-3.0-or-later
// Requests that wait while their key is taken away.
#include "daemon/api/waiting_calls.h"

#include <QTest>
#include <vector>

using namespace gantry;
using namespace gantry::api;

class WaitingCallsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_isWelcome = true;
        m_answers.clear();
        m_undelivered = 0;
        m_later = m_calls.keep(
            [this]() -> Result<void> {
                if (m_isWelcome)
                    return {};
                return failure(ErrorCode::Unauthenticated, "Gone.");
            },
            [this](const ApiResponse& response) { m_answers.push_back(response.status); });
    }

    void whoStaysWelcomeGetsTheAnswer()
    {
        m_calls.recheck();
        QVERIFY(m_answers.empty());
        m_later(answer());
        QVERIFY(m_answers == std::vector<int>{200});
        QCOMPARE(m_undelivered, 0);
        m_isWelcome = false;
        m_calls.recheck(); // it has been answered
        QCOMPARE(m_answers.size(), 1U);
    }

    void whoIsNotIsRefusedAtOnceAndGetsNothingElse()
    {
        m_isWelcome = false;
        m_calls.recheck();
        QVERIFY(m_answers == std::vector<int>{401});
        m_later(answer());
        QCOMPARE(m_answers.size(), 1U);
        QCOMPARE(m_undelivered, 1); // whoever answers learns it
        m_calls.recheck();
        QCOMPARE(m_answers.size(), 1U);
    }

    void whatRunsOutUnseenIsSeenWithTheAnswer()
    {
        m_isWelcome = false; // and nobody rechecks
        m_later(answer());
        QVERIFY(m_answers == std::vector<int>{401});
        QCOMPARE(m_undelivered, 1);
    }

    void anAnswerMayComeAfterTheEnd()
    {
        ApiReply later;
        {
            WaitingCalls calls;
            later = calls.keep([]() -> Result<void> { return {}; },
                [this](const ApiResponse& response) { m_answers.push_back(response.status); });
        }
        later(answer());
        QVERIFY(m_answers == std::vector<int>{200});
    }

private:
    ApiResponse answer()
    {
        ApiResponse response;
        response.undelivered = [this] { ++m_undelivered; };
        return response;
    }

    WaitingCalls m_calls;
    bool m_isWelcome = true;
    std::vector<int> m_answers;
    int m_undelivered = 0;
    ApiReply m_later;
};

QTEST_GUILESS_MAIN(WaitingCallsTest)
#include "tst_waiting_calls.moc"
