// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that mean something to SQL, to the full-text index, to a terminal or to a reader of logs, wherever a caller may put one: they are texts.
#include "tests/support/daemon_process.h"
#include "tests/support/http_client.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

const QStringList hostile{u"'; DROP TABLE orders; --"_s, u"' OR '1'='1"_s, u"\" OR \"\" = \""_s,
    u"1); DELETE FROM event; --"_s, u"%"_s, u"_"_s, u"\\"_s, u"?1"_s, u":name"_s,
    u"x' UNION SELECT material FROM principal_key --"_s, // SQL
    u"a OR b"_s, u"NEAR(a b)"_s, u"search : mari*"_s, u"^mari"_s, u"mari NOT silva"_s, u"\"mari"_s,
    u"{a b} : c"_s, u"*"_s, u"-maria"_s, u"a AND"_s, // FTS5
    u"\u001b]0;owned\u0007"_s, u"\u001b[2J"_s,
    u"gantryd: ready: forged\r\ngantryd: warning: forged"_s, // terminals and logs
    u"${jndi:ldap://x}"_s, u"{{7*7}}"_s, u"%s%n%x"_s, u"<script>alert(1)</script>"_s,
    u"=cmd|' /C calc'!A0"_s};

} // namespace

class InjectionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        auto daemon = DaemonProcess::start(m_folder.path().toStdString());
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        m_client = std::make_unique<HttpClient>("127.0.0.1", m_daemon->httpPort());
        QCOMPARE(submit(u"plain-1"_s, u"Maria Silva"_s), 201);
        QCOMPARE(submit(u"plain-2"_s, u"Anna Groß"_s), 201);
    }

    void textsComeBackAsTheyWere_data() { addHostile(); }

    /// As a customer's name, wherever it is legal there; else it is refused as a whole.
    void textsComeBackAsTheyWere()
    {
        QFETCH(const QString, text);
        const QString number = u"h-%1"_s.arg(++m_numbers);
        const int status = submit(number, text);
        QVERIFY2(status == 201 || status == 422, qPrintable(QString::number(status)));
        const QJsonArray found = list(u"external_id"_s, number);
        QCOMPARE(found.size(), status == 201 ? 1 : 0);
        if (status != 201)
            return;
        ++m_orders;
        const QString id = found[0].toObject()["id"_L1].toString();
        QCOMPARE(get("/v1/orders/" + id.toStdString())["customer"_L1]["name"_L1].toString(), text);
        QCOMPARE(found[0].toObject()["customer_name"_L1].toString(), text);
    }

    void filtersTakeThemForTexts_data() { addHostile(); }

    void filtersTakeThemForTexts()
    {
        QFETCH(const QString, text);
        for (const char* filter :
            {"external_id", "channel", "step", "incident_code", "cursor", "state", "sort", "limit"}) {
            const auto answer = request("/v1/orders?" + std::string(filter) + '=' + encoded(text));
            QVERIFY2(
                answer.status == 200 || answer.status == 400 || answer.status == 422, answer.body.c_str());
            if (answer.status == 200)
                QCOMPARE(itemsOf(answer).size(), 0);
        }
        QCOMPARE(request("/v1/orders/" + encoded(text)).status >= 500, false);
        QCOMPARE(request("/v1/stock?sku=" + encoded(text)).status >= 500, false);
    }

    void theIndexKnowsNoOperators_data()
    {
        QTest::addColumn<QString>("question");
        QTest::addColumn<int>("found");
        QTest::newRow("the word") << u"maria"_s << 1;
        QTest::newRow("OR is a word") << u"maria OR anna"_s << 0;
        QTest::newRow("NOT is a word") << u"maria NOT silva"_s << 0;
        QTest::newRow("NEAR is a word") << u"NEAR(maria silva)"_s << 0;
        QTest::newRow("a column is a word") << u"search:maria"_s << 0;
        QTest::newRow("a minus is nothing") << u"-maria"_s << 1;
        QTest::newRow("a caret is nothing") << u"^maria"_s << 1;
        QTest::newRow("a quote is nothing") << u"\"maria"_s << 1;
        QTest::newRow("a star alone finds nothing") << u"*"_s << 0;
        QTest::newRow("SQL finds nothing") << u"' OR '1'='1"_s << 0;
    }

    void theIndexKnowsNoOperators()
    {
        QFETCH(const QString, question);
        QFETCH(const int, found);
        int plain = 0;
        for (const QJsonValue& item : list(u"q"_s, question))
            plain += item["external_id"_L1].toString().startsWith("plain-"_L1) ? 1 : 0;
        QCOMPARE(plain, found);
    }

    /// Runs last: nothing was lost or made by any of it, and the log has no line that a caller wrote.
    void nothingElseHappened()
    {
        QCOMPARE(list(u"limit"_s, u"500"_s).size(), m_orders);
        QVERIFY(m_daemon->process().isRunning());
        QCOMPARE(m_daemon->process().terminate(), 0);
        QFile log(m_folder.filePath(u"gantryd.addr.log"_s));
        QVERIFY(log.open(QIODevice::ReadOnly));
        const QByteArray said = log.readAll();
        QCOMPARE(said.count('\n'), 1);
        QVERIFY(
            said.startsWith("gantryd: ready: http ") && !said.contains("forged") && !said.contains('\x1b'));
    }

private:
    static void addHostile()
    {
        QTest::addColumn<QString>("text");
        for (const QString& text : hostile)
            QTest::newRow(QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact).constData()) << text;
    }

    static std::string encoded(const QString& text) { return QUrl::toPercentEncoding(text).toStdString(); }

    HttpHeaders headers() const
    {
        return {{"Authorization", "Bearer " + m_daemon->key()}, {"Content-Type", "application/json"}};
    }

    HttpAnswer request(const std::string& target)
    {
        auto answer = m_client->request("GET", target, headers());
        return answer ? *answer : HttpAnswer{.status = 599, .headers = {}, .body = answer.error().message};
    }

    QJsonObject get(const std::string& target)
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(request(target).body)).object();
    }

    static QJsonArray itemsOf(const HttpAnswer& answer)
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(answer.body))["items"_L1].toArray();
    }

    QJsonArray list(const QString& parameter, const QString& value)
    {
        return itemsOf(request("/v1/orders?" + parameter.toStdString() + '=' + encoded(value)));
    }

    int submit(const QString& number, const QString& customer)
    {
        const QJsonObject order{{"channel"_L1, "web"_L1}, {"external_id"_L1, number},
            {"currency"_L1, "EUR"_L1}, {"customer"_L1, QJsonObject{{"name"_L1, customer}}},
            {"lines"_L1,
                QJsonArray{QJsonObject{{"sku"_L1, "a"_L1}, {"quantity"_L1, 1}, {"unit_price"_L1, 1}}}},
            {"total"_L1, 1}};
        const auto answer = m_client->request("POST", "/v1/orders", headers(),
            QJsonDocument(order).toJson(QJsonDocument::Compact).toStdString());
        return answer ? answer->status : 599;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<HttpClient> m_client;
    int m_numbers = 0;
    int m_orders = 2;
};

QTEST_GUILESS_MAIN(InjectionTest)
#include "tst_injection.moc"
