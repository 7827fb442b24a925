// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/call_json.h"

#include <algorithm>
#include <array>

namespace gantry::api {

namespace {

constexpr std::array verdicts{std::pair<std::string_view, CallVerdict>{"success", CallVerdict::Success},
    std::pair<std::string_view, CallVerdict>{"retryable", CallVerdict::Retryable},
    std::pair<std::string_view, CallVerdict>{"fatal", CallVerdict::Fatal}};

void writeStatuses(JsonWriter& body, const HttpCall& call)
{
    for (const auto& [name, verdict] : verdicts) {
        const bool isThere = std::any_of(call.statuses.begin(), call.statuses.end(),
            [&each = verdict](const StatusRule& rule) { return rule.verdict == each; });
        if (!isThere)
            continue;
        body.key(name).beginArray();
        for (const StatusRule& rule : call.statuses)
            if (rule.verdict == verdict)
                body.value(
                    rule.status < 10 ? std::to_string(rule.status) + "xx" : std::to_string(rule.status));
        body.endArray();
    }
}

void writeAnswer(JsonWriter& body, const AnswerRules& answer)
{
    body.key("answer").beginObject();
    if (answer.isIgnored)
        body.member("ignore", true);
    body.memberIf("member", answer.member);
    for (const auto& [name, verdict] : verdicts) {
        const bool isThere = std::any_of(answer.values.begin(), answer.values.end(),
            [&each = verdict](const auto& value) { return value.second == each; });
        if (!isThere)
            continue;
        body.key(name).beginArray();
        for (const auto& [value, meaning] : answer.values)
            if (meaning == verdict)
                body.value(value);
        body.endArray();
    }
    body.memberIf("result", answer.result)
        .memberIf("code", answer.code)
        .memberIf("message", answer.message)
        .endObject();
}

} // namespace

void writeCall(JsonWriter& body, const HttpCall& call)
{
    body.beginObject()
        .member("service", call.service)
        .member("method", call.method)
        .member("path", call.path.source);
    if (!call.headers.empty()) {
        body.key("headers").beginObject();
        for (const auto& [name, value] : call.headers)
            body.member(name, value.source);
        body.endObject();
    }
    if (call.body)
        body.member("body", call.body->source);
    writeStatuses(body, call);
    if (!call.codes.empty()) {
        body.key("codes").beginObject();
        for (const auto& [status, code] : call.codes)
            body.member(std::to_string(status), code);
        body.endObject();
    }
    if (call.answer != AnswerRules{})
        writeAnswer(body, call.answer);
    body.endObject();
}

} // namespace gantry::api
