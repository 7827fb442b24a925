// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

// What search takes for a word, in one place for the index, the unindexed rest, and the question.

/// The words by which an order is found: those of its external id and of the customer's name, those of the e-mail address before the @, and the
/// address as a whole. Folded: lower case, without accents. Each once.
std::vector<std::string> wordsOfOrder(
    std::string_view externalId, std::string_view customerName, std::string_view email);

/// The beginnings of words that a question asks for; at most eight. Empty if there is no letter or digit in it.
std::vector<std::string> wordsOfQuestion(std::string_view question);

/// Whether each of `wanted` begins one of `words`.
bool matchesAll(const std::vector<std::string>& words, const std::vector<std::string>& wanted);

/// The same question for the full-text index.
std::string matchExpression(const std::vector<std::string>& wanted);

} // namespace gantry::store
