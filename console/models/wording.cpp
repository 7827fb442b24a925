// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/wording.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;
using std::chrono::days;
using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(gantry::console::Words)
};

QDateTime localTime(Timestamp time)
{
    return QDateTime::fromMSecsSinceEpoch(toMillis(time)).toLocalTime();
}

QString twoDigits(std::int64_t number)
{
    return u"%1"_s.arg(number, 2, 10, QLatin1Char('0'));
}

} // namespace

QString toText(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QString stateWord(OrderState state)
{
    switch (state) {
    case OrderState::Received: return Words::tr("Received");
    case OrderState::Running: return Words::tr("Running");
    case OrderState::Waiting: return Words::tr("Waiting");
    case OrderState::Failed: return Words::tr("Failed");
    case OrderState::Compensating: return Words::tr("Compensating");
    case OrderState::Completed: return Words::tr("Completed");
    case OrderState::Canceled: return Words::tr("Canceled");
    case OrderState::CompensationFailed: return Words::tr("Undo failed");
    }
    return {};
}

QString actionWord(Action action)
{
    switch (action) {
    case Action::Retry: return Words::tr("Retry");
    case Action::Hold: return Words::tr("Hold");
    case Action::Release: return Words::tr("Release");
    case Action::Cancel: return Words::tr("Cancel order");
    case Action::Override: return Words::tr("Override");
    case Action::Complete: return Words::tr("Complete");
    case Action::Approve: return Words::tr("Approve");
    case Action::Reject: return Words::tr("Reject");
    }
    return {};
}

QString actionDoneWord(Action action)
{
    switch (action) {
    case Action::Retry: return Words::tr("retry asked for");
    case Action::Hold: return Words::tr("put on hold");
    case Action::Release: return Words::tr("released");
    case Action::Cancel: return Words::tr("cancellation begun");
    case Action::Override: return Words::tr("step overridden");
    case Action::Complete: return Words::tr("step completed");
    case Action::Approve: return Words::tr("approved");
    case Action::Reject: return Words::tr("rejected");
    }
    return {};
}

QString roleWord(Role role)
{
    switch (role) {
    case Role::Viewer: return Words::tr("viewer");
    case Role::Warehouse: return Words::tr("warehouse");
    case Role::Support: return Words::tr("support");
    case Role::Admin: return Words::tr("admin");
    }
    return {};
}

QString stepWord(std::string_view step)
{
    return toText(step).replace(u'_', u' ');
}

QString ageText(std::chrono::milliseconds age)
{
    const auto total = std::max<std::int64_t>(duration_cast<seconds>(age).count(), 0);
    const std::int64_t wholeMinutes = total / 60;
    const std::int64_t wholeHours = wholeMinutes / 60;
    if (total < 60)
        return Words::tr("%1 s").arg(total);
    if (wholeHours == 0)
        return Words::tr("%1 min").arg(wholeMinutes);
    if (wholeHours < 24)
        return Words::tr("%1 h %2 min").arg(QString::number(wholeHours), twoDigits(wholeMinutes % 60));
    return Words::tr("%1 d %2 h").arg(wholeHours / 24).arg(wholeHours % 24);
}

QString slackText(Timestamp promise, Timestamp now)
{
    return promise >= now ? Words::tr("in %1").arg(ageText(promise - now))
                          : Words::tr("%1 late").arg(ageText(now - promise));
}

Tone slackTone(Timestamp promise, Timestamp now)
{
    if (promise < now)
        return Tone::Danger;
    return promise - now < hours(2) ? Tone::Warning : Tone::Plain;
}

QString exactTime(Timestamp time)
{
    const QDateTime local = localTime(time);
    const int offset = local.offsetFromUtc() / 60;
    return local.toString(u"yyyy-MM-dd HH:mm:ss"_s) + u' ' + (offset < 0 ? u'-' : u'+')
        + twoDigits(std::abs(offset) / 60) + u':' + twoDigits(std::abs(offset) % 60);
}

QString clockTime(Timestamp time, Timestamp now)
{
    const QDateTime local = localTime(time);
    return local.toString(local.date() == localTime(now).date() ? u"HH:mm:ss"_s : u"MM-dd HH:mm:ss"_s);
}

QString moneyText(MinorUnits amount, Currency currency)
{
    const QLocale locale;
    QString text = toText(formatAmount(amount, currency));
    const qsizetype point = text.indexOf(u'.');
    const qsizetype first = text.startsWith(u'-') ? 1 : 0;
    if (point >= 0)
        text.replace(point, 1, locale.decimalPoint());
    for (qsizetype at = (point >= 0 ? point : text.size()) - 3; at > first; at -= 3)
        text.insert(at, locale.groupSeparator());
    return text + u'\u00A0' + toText(currency.code());
}

QString booksText(const OrderMoney& money, Currency currency)
{
    QStringList parts;
    const auto add = [&](const QString& words, MinorUnits amount) {
        if (amount != 0)
            parts << words.arg(moneyText(amount, currency));
    };
    if (money.authorized != money.captured)
        add(Words::tr("authorized %1"), money.authorized); // else it says nothing more
    add(Words::tr("captured %1"), money.captured);
    add(Words::tr("refunded %1"), money.refunded);
    return parts.join(u", "_s);
}

QString booksText(const MoneyChange& change, Currency currency)
{
    return booksText(OrderMoney{change.authorized, change.captured, change.refunded}, currency);
}

QString countText(std::uint64_t count)
{
    return QLocale().toString(static_cast<qulonglong>(count));
}

QString counted(std::uint64_t count, const QString& one, const QString& many)
{
    return count == 1 ? one : many.arg(countText(count));
}

QString capitalized(const QString& text)
{
    return text.isEmpty() ? text : text.left(1).toUpper() + text.mid(1);
}

QString naturalKey(const QString& text)
{
    const QString folded = text.toCaseFolded();
    QString key;
    key.reserve(folded.size() + 4);
    for (qsizetype at = 0; at < folded.size();) {
        if (!folded[at].isDigit()) {
            key += folded[at++];
            continue;
        }
        qsizetype end = at;
        while (end < folded.size() && folded[end].isDigit())
            ++end;
        while (at + 1 < end && folded[at] == u'0')
            ++at;
        // A longer number is a larger one: its length, as a character that sorts with the digits, goes first.
        key += QChar(static_cast<char16_t>(u'0' + std::min<qsizetype>(end - at, 1000)));
        key += QStringView(folded).mid(at, end - at);
        at = end;
    }
    return key;
}

} // namespace gantry::console
