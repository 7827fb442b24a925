// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/result.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <algorithm>
#include <set>

namespace gantry {

class ResultTest : public QObject {
    Q_OBJECT

private:
    static constexpr auto count = static_cast<std::size_t>(ErrorCode::Internal) + 1;

private Q_SLOTS:
    void everyCodeHasANameOfItsOwn()
    {
        std::set<std::string_view> names;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view name = codeName(static_cast<ErrorCode>(i));
            QVERIFY(names.insert(name).second);
            QVERIFY(!name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
                return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
            }));
        }
    }

    void onlyPassingTroubleIsRetryable()
    {
        const std::set<std::string_view> retryable{"idempotency_in_progress", "busy", "rate_limited",
            "request_timeout", "shutting_down", "storage_full", "unavailable"};
        for (std::size_t i = 0; i < count; ++i) {
            const auto code = static_cast<ErrorCode>(i);
            QVERIFY2(
                isRetryable(code) == retryable.contains(codeName(code)), std::string(codeName(code)).c_str());
        }
    }

    void failureCarriesWhatItWasGiven()
    {
        const FieldError field{"/lines/0/sku", ErrorCode::InvalidValue, "must not be empty"};
        const Result<int> result = failure(ErrorCode::InvalidValue, "It is wrong.", {field});
        QVERIFY(!result);
        QCOMPARE(result.error(), (Error{ErrorCode::InvalidValue, "It is wrong.", {field}}));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::ResultTest)
#include "tst_result.moc"
