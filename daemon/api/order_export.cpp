// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_export.h"

#include "daemon/api/masking.h"
#include "daemon/api/order_query.h"
#include "shared/protocol/order_codec.h"

#include <memory>
#include <utility>

namespace gantry::api {

namespace {

constexpr std::size_t rowsOfPiece = 250; ///< some 150 KB

constexpr std::string_view csvHead =
    "id,channel,external_id,customer_name,currency,total,line_count,quantity,priority,promise_at,state,step,"
    "incident_code,created_at,updated_at\r\n";

/// A field of RFC 4180.
void appendField(std::string& out, std::string_view value)
{
    if (value.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += value;
    } else {
        out += '"';
        for (const char c : value)
            out.append(c == '"' ? 2 : 1, c);
        out += '"';
    }
    out += ',';
}

void appendCsvRow(std::string& out, const Order& order, const RoleRef& role)
{
    const OrderSummary& summary = *order.summary;
    appendField(out, order.id.text());
    appendField(out, summary.channel);
    appendField(out, summary.externalId);
    appendField(out, role->isMasked && !summary.customerName.empty() ? maskText : summary.customerName);
    appendField(out, summary.currency.code());
    appendField(out, std::to_string(summary.total));
    appendField(out, std::to_string(summary.lineCount));
    appendField(out, std::to_string(summary.quantity));
    appendField(out, std::to_string(summary.priority));
    appendField(out, summary.promiseAt ? formatRfc3339(*summary.promiseAt) : std::string());
    appendField(out, stateName(stateOf(order)));
    appendField(out, order.step.name);
    appendField(out, order.incident ? order.incident->code : std::string());
    appendField(out, formatRfc3339(summary.createdAt));
    appendField(out, formatRfc3339(order.updatedAt));
    out.back() = '\r';
    out += '\n';
}

void appendJsonRow(std::string& out, const Order& order, const RoleRef& role)
{
    JsonWriter row;
    writeShownRow(row, order, role);
    out.append(row.text()).append(1, '\n');
}

/// Reads page after page. One look at a time, on whatever reader's thread.
class OrderExport final : public BodySource, public std::enable_shared_from_this<OrderExport> {
public:
    OrderExport(ReaderPool& readers, store::OrderFilter filter, store::PageRequest request, RoleRef role,
        ExportFormat format)
        : m_readers(readers)
        , m_filter(std::move(filter))
        , m_request(request)
        , m_role(std::move(role))
        , m_append(format == ExportFormat::Csv ? appendCsvRow : appendJsonRow)
        , m_ready(format == ExportFormat::Csv ? csvHead : std::string_view())
    {
    }

    /// Reads one page more. Errors: the store's.
    Result<void> read(store::StoreReader& reader)
    {
        const auto page = reader.listOrders(m_filter, m_request);
        if (!page)
            return tl::unexpected(page.error());
        for (const Order& order : page->orders)
            m_append(m_ready, order, m_role);
        m_isDone = !page->next;
        m_request.after = page->next;
        return {};
    }

    void next(Give give) override
    {
        if (!m_ready.empty() || m_isDone)
            return give(std::exchange(m_ready, {}));
        const bool taken = m_readers.post([self = shared_from_this(), give](store::StoreReader& reader) {
            if (self->read(reader))
                self->next(give); // a page without a row that passes is followed by the next one
            else
                give(std::nullopt);
        });
        if (!taken)
            give(std::nullopt);
    }

private:
    ReaderPool& m_readers;
    const store::OrderFilter m_filter;
    store::PageRequest m_request;
    const RoleRef m_role; ///< of whoever asked, as it was then
    void (*m_append)(std::string&, const Order&, const RoleRef&);
    std::string m_ready; ///< read, and not given yet
    bool m_isDone = false;
};

/// What goes with pages alone. Errors: InvalidValue.
Result<void> checkParameters(const Call& call)
{
    const auto refused = [](std::string_view name, std::string_view why) {
        return failure(ErrorCode::InvalidValue,
            "The parameter " + std::string(name) + ' ' + std::string(why)
                + ". Leave it out, or ask for pages.",
            {{std::string(name), ErrorCode::InvalidValue, std::string(why)}});
    };
    for (const std::string_view name : {"limit", "cursor"})
        if (call.query.contains(name))
            return refused(name, "does not go together with a format of whole lists");
    const std::string_view sort = call.parameter("sort");
    if (!sort.empty() && sort != "created_at" && sort != "-created_at")
        return refused("sort", "must be created_at or -created_at for a whole list");
    if (call.request.door != Door::Http)
        return refused("format", "is for HTTP: over the bus, lists come in pages");
    return {};
}

} // namespace

void exportOrders(const Services& services, const Call& call, ExportFormat format, const ApiReply& reply)
{
    if (auto fits = checkParameters(call); !fits)
        return reply(problem(fits.error()));
    auto filter = filterOf(call);
    if (!filter)
        return reply(problem(filter.error()));
    auto page = pageOf(call);
    if (!page)
        return reply(problem(page.error()));
    page->request.limit = rowsOfPiece;
    const Timestamp now = services.clock.now();
    filter->createdUntil = std::min(filter->createdUntil.value_or(now), now); // else it might never end
    const auto source = std::make_shared<OrderExport>(
        services.readers, std::move(*filter), page->request, call.principal.role, format);
    // What goes wrong at once is still told as a problem.
    look(services, reply, [source, format](store::StoreReader& reader) {
        if (const auto read = source->read(reader); !read)
            return problem(read.error());
        ApiResponse response;
        response.contentType =
            format == ExportFormat::Csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
        response.stream = source;
        return response;
    });
}

} // namespace gantry::api
