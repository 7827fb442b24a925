// SPDX-License-Identifier: GPL-3.0-or-later
// docs/api.md is what callers go by: every problem stands there with its code and status.
#include "shared/protocol/problem.h"

#include <QFile>
#include <QTest>

using namespace gantry;

class ApiDocumentTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void namesEveryProblem()
    {
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/api.md"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        const QByteArray text = file.readAll();
        for (int i = 0; i <= static_cast<int>(ErrorCode::Internal); ++i) {
            const auto code = static_cast<ErrorCode>(i);
            const QByteArray row = "| `" + QByteArray::fromStdString(std::string(codeName(code))) + "` | "
                + QByteArray::number(httpStatus(code)) + " | ";
            QVERIFY2(text.contains(row), row.constData());
        }
    }
};

QTEST_APPLESS_MAIN(ApiDocumentTest)
#include "tst_api_document.moc"
