// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/worker_messages.h"
#include "shared/util/result.h"

#include <span>
#include <string>
#include <string_view>

namespace gantry {

/// The JSON between daemon and worker. What a worker says is read strictly: with any fault, all are named and nothing is taken.
/// Errors of all that read: UnknownField, MissingField, DuplicateKey, WrongType, InvalidValue, AmountOverflow.

/// The body of a claim over HTTP.
Result<ClaimQuery> readClaim(simdjson::dom::element json);

/// The body of complete, fail or extend over HTTP.
Result<TaskCompletion> readCompletion(simdjson::dom::element json);
Result<TaskFailure> readFailure(simdjson::dom::element json);
Result<TaskExtension> readExtension(simdjson::dom::element json);

/// Appends a task as one object.
void writeTask(JsonWriter& json, const WorkerTask& task);

/// Appends the order of a task as one object: the document, then what changes.
void writeTaskOrder(JsonWriter& json, std::string_view document, const Order& order);

/// What a worker says over ZeroMQ; reads and writes. Errors also: MalformedJson, InvalidUtf8, BodyTooLarge.
Result<WorkerMessage> decodeWorkerMessage(JsonParser& parser, std::string_view json);
std::string encodeWorkerMessage(const WorkerMessage& message);

/// What the daemon says over ZeroMQ.
std::string encodeWelcome(const WorkerWelcome& welcome);
std::string encodeAnswers(std::span<const ResultAnswer> answers);
std::string encodeWorkerHeartbeat(Timestamp at);
std::string encodeWorkerProblem(const Error& error);

/// The end of a session. `reason`: one word, snake_case.
std::string encodeGoodbye(std::string_view reason);

} // namespace gantry
