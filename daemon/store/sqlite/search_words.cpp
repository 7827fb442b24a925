// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/search_words.h"

#include <QList>
#include <QString>
#include <algorithm>

namespace gantry::store {

namespace {

constexpr std::size_t mostWordsAsked = 8;

// Stands for every sign inside an e-mail address, so that the address stays one word.
constexpr std::string_view joint = "\xc2\xb7";

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool isAsciiWord(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

std::string foldAscii(std::string_view text)
{
    std::string folded(text);
    for (char& c : folded) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        else if (!isAsciiWord(c))
            c = ' ';
    }
    return folded;
}

/// Lower case without accents; everything that is neither letter nor digit is one space.
std::string fold(std::string_view text)
{
    if (isAscii(text))
        return foldAscii(text);
    const QString decomposed = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()))
                                   .normalized(QString::NormalizationForm_KD)
                                   .toCaseFolded();
    QString folded;
    folded.reserve(decomposed.size());
    for (const char32_t c : decomposed.toUcs4()) {
        if (QChar::isLetterOrNumber(c))
            folded += QString::fromUcs4(&c, 1);
        else if (!QChar::isMark(c))
            folded += QLatin1Char(' ');
    }
    return folded.toStdString();
}

void addWord(std::vector<std::string>& words, std::string word)
{
    if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end())
        words.push_back(std::move(word));
}

void addWords(std::vector<std::string>& words, std::string_view text)
{
    const std::string folded = fold(text);
    std::size_t start = 0;
    for (std::size_t i = 0; i <= folded.size(); ++i)
        if (i == folded.size() || folded[i] == ' ') {
            addWord(words, folded.substr(start, i - start));
            start = i + 1;
        }
}

std::string addressWord(std::string_view address)
{
    std::string word;
    for (const char c : fold(address)) {
        if (c == ' ')
            word += joint;
        else
            word += c;
    }
    return word;
}

} // namespace

std::vector<std::string> wordsOfOrder(
    std::string_view externalId, std::string_view customerName, std::string_view email)
{
    std::vector<std::string> words;
    addWords(words, externalId);
    addWords(words, customerName);
    if (!email.empty()) {
        addWords(words, email.substr(0, email.find('@')));
        addWord(words, addressWord(email));
    }
    return words;
}

std::vector<std::string> wordsOfQuestion(std::string_view question)
{
    std::vector<std::string> words;
    while (!question.empty()) {
        const std::size_t end = std::min(question.find(' '), question.size());
        const std::string_view part = question.substr(0, end);
        if (part.find('@') == std::string_view::npos)
            addWords(words, part);
        else
            addWord(words, addressWord(part));
        question.remove_prefix(std::min(end + 1, question.size()));
    }
    if (words.size() > mostWordsAsked)
        words.resize(mostWordsAsked);
    return words;
}

bool matchesAll(const std::vector<std::string>& words, const std::vector<std::string>& wanted)
{
    return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& beginning) {
        return std::any_of(
            words.begin(), words.end(), [&](const std::string& word) { return word.starts_with(beginning); });
    });
}

std::string matchExpression(const std::vector<std::string>& wanted)
{
    // Folded words hold letters, digits and the joint alone: nothing that could end the quotes.
    std::string expression;
    for (const std::string& word : wanted) {
        if (!expression.empty())
            expression += " AND ";
        expression += '"';
        expression += word;
        expression += "\"*";
    }
    return expression;
}

} // namespace gantry::store
