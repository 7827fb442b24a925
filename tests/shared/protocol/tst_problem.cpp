// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/printing.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <map>
#include <set>

namespace gantry {

class ProblemTest : public QObject {
    Q_OBJECT

private:
    static constexpr auto count = static_cast<std::size_t>(ErrorCode::Internal) + 1;

    static QJsonObject parsed(const std::string& json)
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    }

private Q_SLOTS:
    void statusesAreTheTable()
    {
        const std::map<int, std::set<std::string_view>> table{
            {400,
                {"malformed_json", "invalid_utf8", "malformed_request", "unknown_parameter", "invalid_cursor",
                    "protocol_mismatch"}},
            {401, {"unauthenticated"}},
            {403, {"forbidden"}},
            {404, {"not_found"}},
            {405, {"method_not_allowed"}},
            {408, {"request_timeout"}},
            {409, {"order_exists", "action_not_allowed", "stale_token", "idempotency_in_progress"}},
            {412, {"version_mismatch"}},
            {413, {"body_too_large"}},
            {415, {"unsupported_media_type"}},
            {422,
                {"duplicate_key", "unknown_field", "missing_field", "wrong_type", "invalid_value",
                    "unknown_currency", "total_mismatch", "too_many_lines", "amount_overflow",
                    "idempotency_key_reused"}},
            {429, {"rate_limited"}},
            {431, {"headers_too_large"}},
            {500, {"corrupt", "internal"}},
            {503, {"busy", "shutting_down", "unavailable"}},
            {507, {"storage_full"}},
        };
        std::size_t told = 0;
        for (const auto& [status, codes] : table)
            told += codes.size();
        QCOMPARE(told, count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto code = static_cast<ErrorCode>(i);
            const auto row = table.find(httpStatus(code));
            QVERIFY2(row != table.end() && row->second.contains(codeName(code)),
                std::string(codeName(code)).c_str());
            QVERIFY(!problemTitle(code).empty());
        }
    }

    void hasTheMembersOfRfc9457()
    {
        const QJsonObject problem = parsed(encodeProblem({ErrorCode::TotalMismatch, "The \"sum\" is\nwrong.",
            {{"/total", ErrorCode::TotalMismatch, "is 1"},
                {"/a~1b", ErrorCode::UnknownField, "is not a known field"}}}));
        QCOMPARE(problem.value(QLatin1String("type")).toString(), QStringLiteral("/problems/total_mismatch"));
        QCOMPARE(
            problem.value(QLatin1String("title")).toString(), QStringLiteral("The amounts do not add up"));
        QCOMPARE(problem.value(QLatin1String("status")).toInt(), 422);
        QCOMPARE(problem.value(QLatin1String("detail")).toString(), QStringLiteral("The \"sum\" is\nwrong."));
        QCOMPARE(problem.value(QLatin1String("code")).toString(), QStringLiteral("total_mismatch"));
        QCOMPARE(problem.value(QLatin1String("retryable")).toBool(true), false);
        const QJsonArray errors = problem.value(QLatin1String("errors")).toArray();
        QCOMPARE(errors.size(), 2);
        QCOMPARE(errors.at(1).toObject().value(QLatin1String("pointer")).toString(), QStringLiteral("/a~1b"));
        QCOMPARE(
            errors.at(1).toObject().value(QLatin1String("code")).toString(), QStringLiteral("unknown_field"));
        QVERIFY(!parsed(encodeProblem({ErrorCode::Busy, "Come again."})).contains(QLatin1String("errors")));
        QVERIFY(parsed(encodeProblem({ErrorCode::Busy, "Come again."}))
                    .value(QLatin1String("retryable"))
                    .toBool());
    }

    void anotherStatusCanBeTold()
    {
        const QJsonObject problem = parsed(encodeProblem({ErrorCode::MalformedRequest, "Not here."}, 421));
        QCOMPARE(problem.value(QLatin1String("status")).toInt(), 421);
        QCOMPARE(problem.value(QLatin1String("code")).toString(), QStringLiteral("malformed_request"));
    }

    void everyCodeRoundTrips()
    {
        test::Dice dice(3);
        for (std::size_t i = 0; i < count; ++i) {
            Error error{static_cast<ErrorCode>(i), test::randomText(dice, 200) + "\n\x7f"};
            for (auto fields = dice.roll(4); fields-- > 0;)
                error.fields.push_back({'/' + test::randomText(dice, 2000),
                    static_cast<ErrorCode>(dice.roll(count)), test::randomText(dice, 50)});
            QCOMPARE(decodeProblem(encodeProblem(error)), error);
        }
    }

    void otherTextsBecomeInternal_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char* text) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(text);
        };
        row("");
        row("Bad gateway");
        row("{\"code\":");
        row("[]");
        row("{}");
        row("{\"error\":\"no\"}");
        row("{\"code\":7}");
        row("{\"code\":\"busy\",\"code\":\"busy\"}");
        QTest::newRow("bytes") << QByteArray("<h1>\xff\n") << QByteArray("<h1>\xef\xbf\xbd ");
        QTest::newRow("long") << QByteArray(5000, 'x') << QByteArray(500, 'x');
    }

    void otherTextsBecomeInternal()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, message);
        QCOMPARE(decodeProblem(text.toStdString()), (Error{ErrorCode::Internal, message.toStdString()}));
    }

    void unknownCodeKeepsItsMessage()
    {
        // A newer daemon may know more codes.
        QCOMPARE(decodeProblem("{\"code\":\"out_of_paper\",\"detail\":\"Fill it up.\",\"hint\":1}"),
            (Error{ErrorCode::Internal, "Fill it up."}));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::ProblemTest)
#include "tst_problem.moc"
