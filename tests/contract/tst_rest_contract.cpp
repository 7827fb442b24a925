// SPDX-License-Identifier: GPL-3.0-or-later
// docs/openapi.yaml and the daemon are one: each route stands there, and each answer is as it says.
#include "daemon/api/fingerprint.h"
#include "daemon/api/openapi.h"
#include "daemon/api/people.h"
#include "daemon/api/routes.h"
#include "daemon/bulk/bulk_queue.h"
#include "daemon/store/bulk_records.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/verify/check.h"
#include "shared/domain/actions.h"
#include "shared/domain/event.h"
#include "shared/domain/pause.h"
#include "shared/util/private_file.h"
#include "tests/support/daemon_process.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

/// A service to be listed, and so few connections that they can be used up.
constexpr const char* settings = "[http]\nconnections_per_address = 12\n"
                                 "[service.carrier]\nurl = \"http://127.0.0.1:9/\"\nallow_private = true\n";

/// What the document and the daemon both say of a method on a path.
struct Entry {
    QStringList parameters; ///< of the query, sorted
    bool isPublic = false;
    bool mayForbid = false; ///< whether a role may be too small for it
    bool isDeprecated = false;
    bool operator==(const Entry&) const = default;
};
using Entries = QMap<QString, Entry>; // by method and path, placeholders as {}

QJsonObject document()
{
    return QJsonDocument::fromJson(
        QByteArray(api::openApiJson().data(), qsizetype(api::openApiJson().size())))
        .object();
}

QJsonObject resolved(const QJsonObject& root, const QJsonObject& value)
{
    const QString reference = value[QLatin1String("$ref")].toString();
    if (reference.isEmpty())
        return value;
    QJsonObject at = root;
    for (const QString& part : reference.mid(2).split(QLatin1Char('/')))
        at = at[part].toObject();
    return at;
}

QStringList queryParameters(const QJsonObject& root, const QJsonArray& parameters)
{
    QStringList names;
    for (const QJsonValue& each : parameters) {
        const QJsonObject parameter = resolved(root, each.toObject());
        if (parameter[QLatin1String("in")] == QLatin1String("query"))
            names << parameter[QLatin1String("name")].toString();
    }
    return names;
}

Entries documented()
{
    static const QRegularExpression hole(QStringLiteral("\\{[a-z]+\\}"));
    const QJsonObject root = document();
    const QJsonObject paths = root[QLatin1String("paths")].toObject();
    Entries entries;
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject methods = path.value().toObject();
        for (auto method = methods.begin(); method != methods.end(); ++method) {
            if (method.key() == QLatin1String("parameters"))
                continue;
            const QJsonObject operation = method.value().toObject();
            Entry entry{queryParameters(root, operation[QLatin1String("parameters")].toArray()),
                operation.contains(QLatin1String("security")),
                operation[QLatin1String("responses")].toObject().contains(QLatin1String("403")),
                operation[QLatin1String("deprecated")].toBool()};
            entry.parameters.sort();
            entries.insert(method.key().toUpper() + QLatin1Char(' ')
                    + QString(path.key()).replace(hole, QStringLiteral("{}")),
                entry);
        }
    }
    return entries;
}

Entries served(const api::Router& router)
{
    Entries entries;
    for (const api::Route& route : router.routes()) {
        const bool isPublic = route.access == api::Access::Public;
        Entry entry{
            {}, isPublic, !isPublic && route.access != api::Access::Anybody, route.retirement.has_value()};
        for (const std::string& name : route.parameters)
            entry.parameters << QString::fromStdString(name);
        entry.parameters.sort();
        entries.insert(QString::fromStdString(route.method + ' ' + route.path), entry);
    }
    return entries;
}

QStringList textsOf(const QJsonValue& array)
{
    QStringList texts;
    for (const QJsonValue& each : array.toArray())
        texts << each.toString();
    return texts;
}

template <typename NameOf>
QStringList wordsUpTo(std::size_t count, NameOf nameOf)
{
    QStringList words;
    for (int i = 0; i < static_cast<int>(count); ++i)
        words << QString::fromStdString(std::string(nameOf(i)));
    return words;
}

template <std::size_t... index>
QStringList namesOfEvents(std::index_sequence<index...> /*all*/)
{
    return {QString::fromStdString(std::string(typeName(EventBody(std::in_place_index<index>))))...};
}

/// What the one has and the other has not.
QString missing(const Entries& whole, const Entries& part)
{
    QStringList names;
    for (const QString& name : whole.keys())
        if (!part.contains(name))
            names << name;
    return names.join(QLatin1String(", "));
}

} // namespace

class TestRestContract : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void listsEveryRouteAndNoOther()
    {
        struct NoInbox final : engine::Inbox {
            bool post(engine::Message) override { qFatal("nothing may come here"); }
        } inbox;
        QTemporaryDir folder;
        auto store = store::openSqliteStore({.file = folder.filePath(QStringLiteral("s.db")).toStdString()});
        QVERIFY(store);
        const auto readers = api::ReaderPool::start(**store, 1, 1);
        QVERIFY(readers);
        const SystemClock clock;
        bulk::BulkQueue bulk;
        const api::Principals nobody({}, {}, clock);
        verify::Verifier verifier(**store, clock);
        api::Services services{
            inbox, **readers, clock, {}, {}, engine::TokenSeal::fromSecret("x"), {}, &bulk};
        services.verifier = &verifier;
        services.principals = &nobody;
        api::Sessions sessions({}, {}, clock);
        api::LoginThrottle throttle(clock);
        const api::People people{sessions, throttle, **readers, {}};
        services.people = &people;
        const auto box = intake::SecretBox::fromSecret("x");
        services.secrets = &box;
        const api::Router router(api::makeRoutes(services), nobody);
        const Entries here = served(router);
        const Entries there = documented();
        QCOMPARE(missing(here, there), QString()); // served, and not documented
        QCOMPARE(missing(there, here), QString()); // documented, and not served
        for (auto entry = here.begin(); entry != here.end(); ++entry) {
            const Entry& other = there[entry.key()];
            QVERIFY2(other.parameters == entry->parameters,
                qPrintable(entry.key() + QStringLiteral(" takes ") + entry->parameters.join(QLatin1Char(' '))
                    + QStringLiteral(", and is said to take ") + other.parameters.join(QLatin1Char(' '))));
            QVERIFY2(other == *entry,
                qPrintable(entry.key()
                    + QStringLiteral(": who may use it, or that it is on its way out, is told wrong")));
        }
    }

    void namesEveryWord_data()
    {
        QTest::addColumn<QString>("schema");
        QTest::addColumn<QStringList>("words");
        QTest::newRow("problems") << QStringLiteral("Problem/properties/code")
                                  << wordsUpTo(static_cast<int>(ErrorCode::Internal) + 1,
                                         [](int i) { return codeName(static_cast<ErrorCode>(i)); });
        QTest::newRow("states") << QStringLiteral("State") << wordsUpTo(orderStateCount, [](int i) {
            return stateName(static_cast<OrderState>(i));
        });
        QTest::newRow("actions") << QStringLiteral("Action") << wordsUpTo(allActions.size(), [](int i) {
            return actionName(allActions.at(std::size_t(i)));
        });
        QTest::newRow("what can be paused")
            << QStringLiteral("PauseScope") << wordsUpTo(allPauseScopes.size(), [](int i) {
                   return pauseScopeName(allPauseScopes.at(std::size_t(i)));
               });
        QTest::newRow("rights of roles") << QStringLiteral(
            "Right") << wordsUpTo(rightCount, [](int i) { return allRights().at(std::size_t(i)).name; });
        QTest::newRow("kinds of principals") << QStringLiteral("PrincipalKind") << wordsUpTo(2, [](int i) {
            return store::principalKindName(static_cast<store::PrincipalKind>(i));
        });
        QTest::newRow("kinds of keys")
            << QStringLiteral("KeyKind")
            << wordsUpTo(2, [](int i) { return store::keyKindName(static_cast<store::KeyKind>(i)); });
        QTest::newRow("kinds of webhooks")
            << QStringLiteral("IntakeKind") << wordsUpTo(store::allIntakeKinds.size(), [](int i) {
                   return store::intakeKindName(static_cast<store::IntakeKind>(i));
               });
        QTest::newRow("outcomes of deliveries")
            << QStringLiteral("DeliveryOutcome") << wordsUpTo(store::deliveryOutcomeCount, [](int i) {
                   return store::deliveryOutcomeName(static_cast<store::DeliveryOutcome>(i));
               });
        QTest::newRow("what deliveries ask for")
            << QStringLiteral("DeliveryAsk") << wordsUpTo(store::deliveryAskCount, [](int i) {
                   return store::deliveryAskName(static_cast<store::DeliveryAsk>(i));
               });
        QTest::newRow("states of bulk actions")
            << QStringLiteral("BulkMembers/properties/state") << wordsUpTo(store::bulkStateCount, [](int i) {
                   return store::bulkStateName(static_cast<store::BulkState>(i));
               });
        QTest::newRow("kinds of movements of stock")
            << QStringLiteral("MovementKind") << wordsUpTo(store::movementKindCount, [](int i) {
                   return store::movementKindName(static_cast<store::MovementKind>(i));
               });
        QStringList checks;
        for (const auto& check : verify::makeChecks({}))
            checks << QString::fromStdString(std::string(check->name()));
        QTest::newRow("checks of the store") << QStringLiteral("Check") << checks;
        // Findings of the check of orders say which part of an order it is.
        checks.replace(0, QStringLiteral("document"));
        for (int i = 1; const char* part : {"history", "state", "money"})
            checks.insert(i++, QString::fromLatin1(part));
        QTest::newRow("checks in findings") << QStringLiteral("Finding/properties/check") << checks;
        QTest::newRow("results in bulk actions")
            << QStringLiteral("MemberResult") << wordsUpTo(store::memberResultCount, [](int i) {
                   return store::memberResultName(static_cast<store::MemberResult>(i));
               });
    }

    void namesEveryWord()
    {
        QFETCH(const QString, schema);
        QFETCH(const QStringList, words);
        const QString reference = QStringLiteral("#/components/schemas/") + schema;
        QCOMPARE(textsOf(resolved(document(), {{QStringLiteral("$ref"), reference}})[QLatin1String("enum")]),
            words);
    }

    void namesEveryEvent()
    {
        QStringList there;
        const QJsonObject event =
            resolved(document(), {{QStringLiteral("$ref"), QStringLiteral("#/components/schemas/Event")}});
        for (const QJsonValue& branch : event[QLatin1String("oneOf")].toArray()) {
            const QJsonObject type = branch[QLatin1String("properties")][QLatin1String("type")].toObject();
            if (type.contains(QLatin1String("const")))
                there << type[QLatin1String("const")].toString();
            else
                there << textsOf(type[QLatin1String("enum")]);
        }
        QStringList here = namesOfEvents(std::make_index_sequence<std::variant_size_v<EventBody>>());
        there.sort();
        here.sort();
        QCOMPARE(there, here);
    }

    void isServedAsItIsWritten()
    {
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/openapi.yaml"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        QVERIFY(file.readAll().toStdString() == api::openApiYaml());
    }

    void everyAnswerIsAsItSays()
    {
        QTemporaryDir folder;
        const std::string dataDir = folder.path().toStdString();
        QStringList arguments{
            qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/tests/contract/rest_contract.py")};
        makeKeys(dataDir, arguments);
        auto daemon = DaemonProcess::start(dataDir, settings);
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        arguments << QStringLiteral("--key")
                  << QStringLiteral("admin=") + QString::fromStdString(daemon->key())
                  << QStringLiteral("--port") << QString::number(daemon->httpPort())
                  << QStringLiteral("--store") << folder.filePath(QStringLiteral("gantry.db"))
                  << QStringLiteral("--pid") << QString::number(daemon->process().id());
        QProcess check;
        check.setProcessChannelMode(QProcess::ForwardedChannels);
        check.start(QStringLiteral("/usr/bin/python3"), arguments);
        QVERIFY2(check.waitForStarted(), "install python3-jsonschema: the contract is checked with it");
        QVERIFY(check.waitForFinished(150'000));
        QVERIFY2(check.exitCode() == 0, "what it found stands above");
        QCOMPARE(daemon->process().terminate(), 0); // it was told to end, and does so in order
    }

private:
    /// A key for each role that a new data directory has none for, and the arguments that tell them.
    static void makeKeys(const std::string& dataDir, QStringList& arguments)
    {
        {
            auto first = DaemonProcess::start(dataDir); // makes the directory what it is
            QVERIFY2(first, first ? "" : first.error().message.c_str());
            QCOMPARE(first->process().terminate(), 0);
        }
        const auto secret = readPrivateFile(dataDir + "/server.pepper");
        QVERIFY(secret);
        const QByteArray pepper = QByteArray::fromHex(QByteArray::fromStdString(*secret));
        auto store = store::openSqliteStore({.file = dataDir + "/gantry.db"});
        QVERIFY(store);
        auto partition = (*store)->acquire(0);
        QVERIFY(partition);
        for (const Role role : {Role::Viewer, Role::Warehouse, Role::Support}) {
            const std::string key = api::makeApiKey();
            const std::string name(roleName(role));
            store::PrincipalChanges changes;
            changes.principal = store::PrincipalRecord{.name = name, .role = role};
            changes.newKey = store::PrincipalKey{.material = api::hashApiKey(key, pepper.toStdString())};
            changes.log = {{.act = store::PrincipalAct::created, .principal = name}};
            QVERIFY((*partition)->writePrincipal(changes));
            arguments << QStringLiteral("--key") << QString::fromStdString(name + '=' + key);
        }
    }
};

QTEST_GUILESS_MAIN(TestRestContract)
#include "tst_rest_contract.moc"
