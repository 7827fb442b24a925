// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace gantry {

/// What a template may ask for. docs/workflows.md lists them.
enum class TemplateField {
    OrderId,
    ExternalId,
    Channel,
    Currency,
    CustomerName,
    CustomerEmail,
    CustomerPhone,
    AddressName,
    AddressLine1,
    AddressLine2,
    AddressCity,
    AddressPostalCode,
    AddressRegion,
    AddressCountry,
    IdempotencyKey,
    Step,
    Metadata, ///< with a key; an absent key reads as the empty text
    Total,
    Shipping,
    Discount,
    Tax,
    Priority,
    Attempt,
    Order, ///< the whole order, as a worker is told
    Customer,
    Address,
    Lines,
    Payments,
    Tags,
    AllMetadata,
};

/// What a field gives: a text and a number may stand anywhere, JSON in bodies only.
enum class TemplateType { Text, Number, Json };

TemplateType typeOf(TemplateField field) noexcept;

/// A text with placeholders such as `{{order.id}}`. Immutable once parsed.
struct TextTemplate {
    /// Text as it stands, then a field; the last piece may have none.
    struct Piece {
        std::string text;
        std::optional<TemplateField> field{};
        std::string key{}; ///< of Metadata
        bool operator==(const Piece&) const = default;
    };
    std::string source; ///< as it was written
    std::vector<Piece> pieces{};
    bool operator==(const TextTemplate&) const = default;
};

/// Why a text is not a template.
struct TemplateError {
    std::size_t offset = 0; ///< byte in the text, from 0
    std::string message; ///< what is wrong and what to do
};

/// Reads a template. Checks that each placeholder is closed and known.
tl::expected<TextTemplate, TemplateError> parseTemplate(std::string_view text);

/// What an answer's status or a member of its body means for the attempt.
enum class CallVerdict { Success, Retryable, Fatal };

/// The meaning of one status, or of a hundred: 2 to 5 stands for 2xx to 5xx.
struct StatusRule {
    int status = 200;
    CallVerdict verdict = CallVerdict::Success;
    bool operator==(const StatusRule&) const = default;
};

/// How the JSON object of an answer is read.
struct AnswerRules {
    bool isIgnored = false; ///< the body is not read at all
    std::string
        member{}; ///< JSON pointer of the member that decides when the status says success; empty: the status alone
    std::vector<std::pair<std::string, CallVerdict>> values{}; ///< of that member
    std::string result{}; ///< JSON pointer of the object to be recorded; empty: the whole
    std::string code{}; ///< JSON pointer of a failure's code; empty: by status
    std::string message{}; ///< JSON pointer of a failure's message; empty: `message`, or `detail`
    bool operator==(const AnswerRules&) const = default;
};

/// A call of a service over HTTP, as a workflow defines it.
struct HttpCall {
    std::string service; ///< by its name in the daemon's configuration
    std::string method = "POST";
    TextTemplate path{}; ///< below the service's own
    std::vector<std::pair<std::string, TextTemplate>> headers{};
    std::optional<TextTemplate>
        body{}; ///< without: the task as a worker gets it, or nothing for GET and DELETE
    std::vector<StatusRule>
        statuses{}; ///< a status goes before its hundred, and both before what holds unless told otherwise
    std::vector<std::pair<int, std::string>> codes{}; ///< failure codes by status
    AnswerRules answer{};
    bool operator==(const HttpCall&) const = default;
};

/// Whether calls of that method carry a body.
bool hasBody(std::string_view method) noexcept;

/// What a status means for a call: its own rules, else 2xx success, 408, 425, 429 and 5xx retryable, all others fatal.
CallVerdict verdictOf(const HttpCall& call, int status) noexcept;

} // namespace gantry
