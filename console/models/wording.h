// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/actions.h"
#include "shared/domain/order.h"
#include "shared/domain/order_money.h"

#include <QString>
#include <chrono>
#include <string_view>

namespace gantry::console {

/// How urgent a thing is to whoever looks at it. The theme gives each a color; words and icons say the same without it.
enum class Tone { Plain, Muted, Good, Notice, Warning, Danger };

/// UTF-8 of the domain as the text that Qt shows.
QString toText(std::string_view utf8);

/// The state as a person reads it: `Failed`.
QString stateWord(OrderState state);

/// The action as a button says it: `Retry`.
QString actionWord(Action action);

/// The action done, as a result tells it: `retried`.
QString actionDoneWord(Action action);

/// A role as people say it: `warehouse`.
QString roleWord(Role role);

/// A step's name with its underscores as spaces.
QString stepWord(std::string_view step);

/// A length of time in at most two units: `42 s`, `14 min`, `3 h 05 min`, `2 d 4 h`. Negative counts as zero.
QString ageText(std::chrono::milliseconds age);

/// How far off a promise is: `in 3 h 05 min`, `12 min late`.
QString slackText(Timestamp promise, Timestamp now);

/// Whether a promise is kept, close or broken: Plain, Warning (under two hours), Danger.
Tone slackTone(Timestamp promise, Timestamp now);

/// The exact local time with its offset from UTC: `2026-03-01 09:15:30 +01:00`.
QString exactTime(Timestamp time);

/// The local time of day to the second, with the date when it is not today's.
QString clockTime(Timestamp time, Timestamp now);

/// An amount with its currency, grouped as the locale does: `1,234.50 EUR`.
QString moneyText(MinorUnits amount, Currency currency);

/// The amounts of an order's books, or of a change of them, that are not zero: `captured 33.90 EUR, refunded 5.00 EUR`. Empty if all are.
QString booksText(const OrderMoney& money, Currency currency);
QString booksText(const MoneyChange& change, Currency currency);

/// A whole number, grouped as the locale does.
QString countText(std::uint64_t count);

/// `one` for 1, else `many` with its %1 replaced by the grouped number.
QString counted(std::uint64_t count, const QString& one, const QString& many);

/// A text with its first letter in upper case, to begin a sentence with a name.
QString capitalized(const QString& text);

/// A text whose digit runs compare by value and whose case does not matter: `SO-9` before `SO-10`.
QString naturalKey(const QString& text);

} // namespace gantry::console
