// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/order_document.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

namespace gantry {

/// Reads a submitted order strictly (unknown fields refused) and checks it whole: syntax, types, ranges, sums.
/// `pointer`: where it stands in the body. Errors: every code that a body can earn, with all wrong fields listed.
Result<OrderDocument> readOrderDocument(simdjson::dom::element json, const std::string& pointer = {});

/// Appends the members of a document, without the braces, in one fixed sequence: equal documents give equal bytes, which is what
/// fingerprints rest on.
void writeDocumentMembers(JsonWriter& json, const OrderDocument& document);

/// The document as one JSON object.
std::string encodeDocument(const OrderDocument& document);

/// Reads what encodeDocument() wrote. Errors: Corrupt.
Result<OrderDocument> decodeDocument(JsonParser& parser, std::string_view json);

/// The summary of a document taken in at that time under that workflow, of which it skips these steps.
OrderSummary summarize(const OrderDocument& document, Timestamp createdAt, const std::string& workflow,
    int workflowVersion, std::vector<std::string> skippedSteps = {});

/// Appends the members that change and those that Gantry adds: id, state, step, version, workflow, holds, incident, …
void writeOrderMembers(JsonWriter& json, const Order& order);

/// An order as lists, snapshots and replicas carry it: the summary and everything that changes, without lines and addresses.
/// Complete: readOrderRow() gives an equal Order back.
void writeOrderRow(JsonWriter& json, const Order& order);

/// Reads what writeOrderRow() wrote. Errors: Corrupt.
Result<Order> readOrderRow(simdjson::dom::element json);

/// The whole order, as the API gives it: the document's members, then writeOrderMembers().
void writeOrder(JsonWriter& json, const OrderDocument& document, const Order& order);

/// A summary as an object of its own, for events and the store; and back. Errors: Corrupt.
void writeSummary(JsonWriter& json, const OrderSummary& summary);
Result<OrderSummary> readSummary(simdjson::dom::element json);

/// A step's entry as an object; and back. Its members alone: for an object that is open.
void writeStepEntry(JsonWriter& json, const StepEntry& entry);
void writeStepEntryMembers(JsonWriter& json, const StepEntry& entry);
StepEntry readStepEntry(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors);

/// The texts in an array of that name; none where it is absent.
std::vector<std::string> readTexts(ObjectReader& reader, std::string_view name);

} // namespace gantry
