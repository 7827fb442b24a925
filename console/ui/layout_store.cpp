// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/layout_store.h"

#include <QDir>
#include <QFileInfo>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QStandardPaths>
#include <QUuid>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

constexpr int schemaVersion = 1;

/// Makes the table, or refuses a file of a newer version.
QString prepare(QSqlDatabase& database)
{
    QSqlQuery query(database);
    if (!query.exec(u"PRAGMA user_version"_s) || !query.next())
        return query.lastError().text();
    const int version = query.value(0).toInt();
    query.finish();
    if (version > schemaVersion)
        return u"it was written by a newer console"_s;
    for (const QString& statement :
        {u"PRAGMA journal_mode=WAL"_s, u"PRAGMA synchronous=NORMAL"_s,
            u"CREATE TABLE IF NOT EXISTS layout (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"_s,
            u"PRAGMA user_version=%1"_s.arg(schemaVersion)})
        if (!query.exec(statement))
            return query.lastError().text();
    return {};
}

} // namespace

LayoutStore::LayoutStore(QString connection)
    : m_connection(std::move(connection))
{
}

LayoutStore::~LayoutStore()
{
    QSqlDatabase::removeDatabase(m_connection);
}

QString LayoutStore::defaultPath()
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation);
    QDir().mkpath(folder);
    return folder + u"/console.sqlite"_s;
}

Result<std::unique_ptr<LayoutStore>> LayoutStore::open(const QString& path)
{
    std::unique_ptr<LayoutStore> store(
        new LayoutStore(u"layout-"_s + QUuid::createUuid().toString(QUuid::WithoutBraces)));
    QString fault;
    bool isOpen = false;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(u"QSQLITE"_s, store->m_connection);
        database.setDatabaseName(path);
        isOpen = database.open();
        fault = isOpen ? prepare(database) : database.lastError().text();
    }
    if (fault.isEmpty())
        return store;
    return failure(isOpen ? ErrorCode::Corrupt : ErrorCode::Unavailable,
        "The window's layout can't be kept in " + path.toStdString() + ": " + fault.toStdString()
            + ". Move the file away, or mend its folder; everything else works.");
}

QByteArray LayoutStore::value(const QString& name) const
{
    QSqlQuery query(QSqlDatabase::database(m_connection));
    query.prepare(u"SELECT value FROM layout WHERE name = ?"_s);
    query.addBindValue(name);
    return query.exec() && query.next() ? query.value(0).toByteArray() : QByteArray();
}

void LayoutStore::setValue(const QString& name, const QByteArray& value)
{
    QSqlQuery query(QSqlDatabase::database(m_connection));
    query.prepare(
        u"INSERT INTO layout (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"_s);
    query.addBindValue(name);
    query.addBindValue(value);
    query.exec();
}

} // namespace gantry::console
