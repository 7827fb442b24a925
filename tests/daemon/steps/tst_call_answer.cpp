// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/call_answer.h"

#include <QTest>

namespace gantry::steps {

using namespace std::chrono_literals;

namespace {

const Timestamp now = fromMillis(784'111'777'000); ///< Sun, 06 Nov 1994 08:49:37 GMT

HttpCall withRules()
{
    HttpCall call{.service = "carrier"};
    call.statuses = {{404, CallVerdict::Retryable}, {4, CallVerdict::Fatal}, {503, CallVerdict::Fatal},
        {429, CallVerdict::Fatal}, {301, CallVerdict::Success}};
    call.codes = {{404, "not_there_yet"}, {402, "declined"}};
    return call;
}

HttpCall withAnswer(AnswerRules rules)
{
    return {.service = "carrier", .answer = std::move(rules)};
}

// An answer too long to be recorded.
const std::string longAnswer =
    "{\"data\":{\"money\":{\"authorized\":5},\"x\":\"" + std::string(5000, 'x') + "\"}}";

const std::vector<const char*> badMoney{R"({"data":{"money":"12.00"}})",
    R"({"data":{"money":{"captured":-5}}})", R"({"data":{"money":{"captured":5,"tip":1}}})"};

} // namespace

class CallAnswerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void statuses_data()
    {
        QTest::addColumn<bool>("ownRules");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("code"); // empty: success
        QTest::addColumn<bool>("isFatal");
        QTest::addColumn<bool>("isWell");
        const auto row = [](bool ownRules, int status, const char* code, bool isFatal, bool isWell) {
            QTest::addRow("%d%s", status, ownRules ? " by own rules" : "")
                << ownRules << status << QByteArray(code) << isFatal << isWell;
        };
        for (const int status : {200, 201, 202, 204, 299})
            row(false, status, "", false, true);
        for (const int status : {408, 425, 429})
            row(false, status, ("http_" + std::to_string(status)).c_str(), false, true);
        for (const int status : {500, 502, 503, 504, 599})
            row(false, status, ("http_" + std::to_string(status)).c_str(), false, false);
        for (const int status : {301, 302, 304, 307, 400, 401, 402, 403, 404, 409, 410, 422})
            row(false, status, ("http_" + std::to_string(status)).c_str(), true, true);
        row(true, 404, "not_there_yet", false, true);
        row(true, 402, "declined", true, true);
        row(true, 408, "http_408", true, true);
        row(true, 429, "http_429", true, true);
        row(true, 503, "http_503", true, true); // a definite answer
        row(true, 500, "http_500", false, false);
        row(true, 301, "", false, true);
        row(true, 302, "http_302", true, true);
    }

    void statuses()
    {
        QFETCH(bool, ownRules);
        QFETCH(int, status);
        QFETCH(QByteArray, code);
        QFETCH(bool, isFatal);
        QFETCH(bool, isWell);
        const HttpCall call = ownRules ? withRules() : withAnswer({});
        const auto judgment = judgeCall(call, {.status = status}, now);
        QCOMPARE(judgment.result.succeeded, code.isEmpty());
        QCOMPARE(QByteArray::fromStdString(judgment.result.code), code);
        QCOMPARE(judgment.result.fatal, isFatal);
        QCOMPARE(judgment.isWell, isWell);
        if (!code.isEmpty())
            QVERIFY(judgment.result.message.find(std::to_string(status)) != std::string::npos);
    }

    void moneyInTheAnswer()
    {
        const HttpCall call = withAnswer({.result = "/data"});
        const auto judged = [&](const char* body) {
            return judgeCall(call, {.status = 200, .body = body}, now).result;
        };
        const auto booked = judged(R"({"data":{"ref":1,"money":{"authorized":9,"captured":5}}})");
        QVERIFY(booked.succeeded);
        QVERIFY((booked.money == MoneyChange{9, 5, 0}));
        QVERIFY(booked.result.find("money") != std::string::npos);
        QVERIFY(judged(R"({"data":{"ref":1},"money":"12.00"})").money.isNothing()); // is not the result
        for (const char* body : badMoney) {
            const auto refused = judged(body);
            QVERIFY(!refused.succeeded && refused.fatal);
            QCOMPARE(refused.code, std::string("bad_money"));
            QVERIFY2(refused.message.find("/data/money") != std::string::npos, refused.message.c_str());
        }
        // What is too long to be recorded is booked all the same.
        const auto longOne = judged(longAnswer.c_str());
        QVERIFY(longOne.succeeded);
        QCOMPARE(longOne.money.authorized, MinorUnits{5});
    }

    void bodies_data()
    {
        QTest::addColumn<QByteArray>("rules");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("code"); // empty: success
        QTest::addColumn<bool>("isFatal");
        QTest::addColumn<QByteArray>("result");
        const auto row = [](const char* title, const char* rules, const char* body, const char* code,
                             bool isFatal = false, const char* result = "") {
            QTest::newRow(title) << QByteArray(rules) << QByteArray(body) << QByteArray(code) << isFatal
                                 << QByteArray(result);
        };
        row("no body", "", "", "");
        row("object", "", R"({"id": "x", "n": 1.5})", "", false, R"({"id":"x","n":1.5})");
        row("not JSON", "", "<html>", "bad_response");
        row("half an object", "", "{\"id\":", "bad_response");
        row("list", "", "[1]", "bad_response");
        row("not UTF-8", "", "{\"a\":\"\xff\"}", "bad_response");
        row("ignored", "ignore", "<html>", "");
        row("ignored object", "ignore", R"({"id":"x"})", "");
        row("part", "part", R"({"data":{"id":1},"links":[]})", "", false, R"({"id":1})");
        row("part that is not there", "part", R"({"x":1})", "");
        row("part that is no object", "part", R"({"data":5})", "", false,
            R"({"omitted":"the answer is no object, longer than 4000 bytes or more than 8 levels deep"})");
        row("value of success", "member", R"({"status":"made"})", "", false, R"({"status":"made"})");
        row("value of later", "member", R"({"status":"queued"})", "queued");
        row("value of never", "member", R"({"status":"refused","message":"no such street"})", "refused",
            true);
        row("value without meaning", "member", R"({"status":"what"})", "bad_response");
        row("value of another type", "member", R"({"status":["made"]})", "bad_response");
        row("member missing", "member", R"({"id":1})", "bad_response");
        row("member of no body", "member", "", "bad_response");
        row("truth", "truth", R"({"ok":true})", "", false, R"({"ok":true})");
        row("untruth", "truth", R"({"ok":false,"error":{"code":"bad_zip","text":"which?"}})", "bad_zip",
            true);
        row("untruth without a code", "truth", R"({"ok":false})", "false", true);
        row("untruth with a code that is none", "truth", R"({"ok":false,"error":{"code":"Bad Zip!"}})",
            "false", true);
        row("all but what is listed", "truth", R"({"x":1})", "", false, R"({"x":1})");
    }

    void bodies()
    {
        QFETCH(QByteArray, rules);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, code);
        QFETCH(bool, isFatal);
        QFETCH(QByteArray, result);
        AnswerRules answer;
        if (rules == "ignore")
            answer.isIgnored = true;
        if (rules == "part")
            answer.result = "/data";
        if (rules == "member")
            answer = {.member = "/status",
                .values = {{"made", CallVerdict::Success}, {"queued", CallVerdict::Retryable},
                    {"refused", CallVerdict::Fatal}}};
        if (rules == "truth")
            answer = {.member = "/ok",
                .values = {{"false", CallVerdict::Fatal}},
                .code = "/error/code",
                .message = "/error/text"};
        const auto judgment = judgeCall(withAnswer(answer), {.status = 200, .body = body.toStdString()}, now);
        QCOMPARE(QByteArray::fromStdString(judgment.result.code), code);
        QCOMPARE(judgment.result.succeeded, code.isEmpty());
        QCOMPARE(judgment.result.fatal, isFatal);
        QCOMPARE(QByteArray::fromStdString(judgment.result.result), result);
        QCOMPARE(judgment.isWell, code != "bad_response");
    }

    void keepsResultsWithinBounds()
    {
        const auto resultOf = [](const std::string& body) {
            return judgeCall(withAnswer({}), {.status = 200, .body = body}, now).result;
        };
        const std::string fits = "{\"a\":\"" + std::string(3992, 'x') + "\"}";
        QCOMPARE(resultOf(fits).result, fits);
        const auto large = resultOf("{\"a\":\"" + std::string(3993, 'x') + "\"}");
        QVERIFY(large.succeeded); // the effect has been had
        QVERIFY(large.result.starts_with("{\"omitted\":"));
        std::string deep = "1";
        for (int i = 0; i < 9; ++i)
            deep = "{\"a\":" + deep + '}';
        QVERIFY(resultOf(deep).result.starts_with("{\"omitted\":"));
    }

    void saysWhatTheServiceSaid()
    {
        const auto messageOf = [](const std::string& body) {
            return judgeCall(withAnswer({}), {.status = 422, .body = body}, now).result.message;
        };
        QVERIFY(messageOf(R"({"message":"no such street"})").ends_with("answered 422: no such street"));
        QVERIFY(messageOf(R"({"title":"x","detail":"which street?"})").ends_with(": which street?"));
        QVERIFY(messageOf("<html>").ends_with("answered 422"));
        QVERIFY(messageOf("{\"message\":\"two\\nlines\\u001b[31m\"}").ends_with(": two lines [31m"));
        QVERIFY(messageOf("{\"message\":\"" + std::string(10'000, 'x') + "\"}").size() < 400);
        QVERIFY(judgeCall(withAnswer({}), {.status = 302}, now).result.message.find("not followed")
            != std::string::npos);
    }

    void troubles_data()
    {
        QTest::addColumn<int>("trouble");
        QTest::addColumn<QByteArray>("code");
        const auto row = [](CallTrouble trouble, const char* code) {
            QTest::newRow(code) << static_cast<int>(trouble) << QByteArray(code);
        };
        row(CallTrouble::AddressRefused, "address_refused");
        row(CallTrouble::ConnectFailed, "connect_failed");
        row(CallTrouble::TlsFailed, "tls_failed");
        row(CallTrouble::Timeout, "timeout");
        row(CallTrouble::ConnectionLost, "connection_lost");
        row(CallTrouble::BadResponse, "bad_response");
    }

    void troubles()
    {
        QFETCH(int, trouble);
        QFETCH(QByteArray, code);
        const auto judgment = judgeCall(
            withAnswer({}), {.trouble = static_cast<CallTrouble>(trouble), .detail = "because"}, now);
        QVERIFY(!judgment.result.succeeded && !judgment.result.fatal && !judgment.isWell);
        QCOMPARE(QByteArray::fromStdString(judgment.result.code), code);
        QVERIFY(judgment.result.message.find("because") != std::string::npos);
    }

    void tooMuchOfAnAnswerIsFatalOnlyWhereItMatters()
    {
        const auto judge = [](int status) {
            return judgeCall(withAnswer({}), {.trouble = CallTrouble::TooLarge, .status = status}, now);
        };
        QCOMPARE(judge(200).result.code, std::string("response_too_large"));
        QVERIFY(judge(200).result.fatal && judge(200).isWell);
        QCOMPARE(judge(503).result.code, std::string("http_503"));
        QVERIFY(!judge(503).result.fatal && !judge(503).isWell);
        QVERIFY(
            judgeCall(withAnswer({.isIgnored = true}), {.trouble = CallTrouble::TooLarge, .status = 200}, now)
                .result.succeeded);
    }

    void retryAfter_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<qint64>("millis"); // -1: none
        const auto row = [](const char* header, qint64 millis) {
            QTest::newRow(header) << QByteArray(header) << millis;
        };
        row("0", 0);
        row("120", 120'000);
        row(" 7 ", 7000);
        row("99999999999", 365LL * 24 * 3600 * 1000);
        row("99999999999999999999999", -1);
        row("-5", -1);
        row("1.5", -1);
        row("soon", -1);
        row("", -1);
        row("Sun, 06 Nov 1994 08:50:37 GMT", 60'000);
        row("Sunday, 06-Nov-94 08:50:37 GMT", 60'000);
        row("Sun Nov  6 08:50:37 1994", 60'000);
        row("Wed Nov 16 08:49:37 1994", 10LL * 24 * 3600 * 1000);
        row("Sun, 06 Nov 1994 08:49:00 GMT", 0);
        row("Sun, 06 Nov 1994 08:50:37 CET", -1);
        row("Sun, 32 Nov 1994 08:50:37 GMT", -1);
        row("1994-11-06T08:50:37Z", -1);
    }

    void retryAfter()
    {
        QFETCH(QByteArray, header);
        QFETCH(qint64, millis);
        const auto wait = parseRetryAfter(header.toStdString(), now);
        QCOMPARE(wait ? wait->count() : -1, millis);
        const auto judged =
            judgeCall(withAnswer({}), {.status = 503, .retryAfter = header.toStdString()}, now).result;
        QVERIFY(judged.retryAfter == wait);
        QVERIFY(!judgeCall(withAnswer({}), {.status = 400, .retryAfter = header.toStdString()}, now)
                     .result.retryAfter);
    }

    void readsTwoDigitYearsOfThisCentury()
    {
        const Timestamp later = fromMillis(1'770'000'000'000); // 2026-02-02T02:40:00Z
        QCOMPARE(parseRetryAfter("Monday, 02-Feb-26 02:41:00 GMT", later),
            std::optional<std::chrono::milliseconds>(1min));
    }
};

} // namespace gantry::steps

QTEST_APPLESS_MAIN(gantry::steps::CallAnswerTest)
#include "tst_call_answer.moc"
