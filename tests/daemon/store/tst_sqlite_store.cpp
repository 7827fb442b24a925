// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_store.h"
#include "tests/contract/store_contract.h"
#include "tests/contract/store_world.h"

#include <QTemporaryDir>
#include <QtTest>

namespace gantry::test {

namespace {

/// An embedded store in a directory of its own.
class SqliteFactory final : public StoreFactory {
public:
    void reset() override { m_directory = std::make_unique<QTemporaryDir>(); }
    Result<std::unique_ptr<store::Store>> open() override
    {
        return store::openSqliteStore(
            {.file = m_directory->filePath(QStringLiteral("gantry.db")).toStdString()});
    }

private:
    std::unique_ptr<QTemporaryDir> m_directory;
};

} // namespace

} // namespace gantry::test

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    gantry::test::SqliteFactory factory;
    gantry::test::StoreContract contract(factory);
    return QTest::qExec(&contract, argc, argv);
}
