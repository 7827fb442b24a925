// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/action_run.h"

#include "console/models/plain_text.h"
#include "console/models/while_alive.h"
#include "console/models/wording.h"

#include <algorithm>

namespace gantry::console {

namespace {

/// How many requests are under way at once: enough to hide the way there and back, too few to fill the daemon's inbox.
constexpr int mostUnderWay = 16;

} // namespace

ActionRun::ActionRun(Link& link, std::vector<Item> items, QObject* parent)
    : QAbstractTableModel(parent)
    , m_link(link)
{
    m_items.reserve(items.size());
    for (Item& item : items)
        m_items.push_back({std::move(item), Stand::Waiting, {}, false});
}

void ActionRun::start(const std::string& reason, std::optional<Timestamp> expiresAt)
{
    for (Entry& entry : m_items) {
        entry.item.request.reason = reason;
        entry.item.request.expiresAt = expiresAt;
    }
    m_isRunning = true;
    m_next = 0;
    sendNext();
}

void ActionRun::stop()
{
    m_next = m_items.size();
    sendNext();
}

void ActionRun::repeatUnknown()
{
    for (std::size_t at = 0; at < m_items.size(); ++at)
        if (m_items[at].mayRepeat)
            setStand(at, Stand::Waiting, {});
    m_isRunning = true;
    m_next = 0;
    sendNext();
}

void ActionRun::sendNext()
{
    for (; m_underWay < mostUnderWay && m_next < m_items.size(); ++m_next)
        if (m_items[m_next].stand == Stand::Waiting)
            send(m_next);
    if (m_underWay > 0 || !m_isRunning)
        return;
    m_isRunning = false;
    Q_EMIT finished();
}

void ActionRun::send(std::size_t at)
{
    ++m_underWay;
    m_items[at].mayRepeat = false;
    setStand(at, Stand::Sent, tr("being done"));
    m_link.call(actionCall(m_items[at].item.request),
        whileAlive(this, [this, at](const Result<ApiAnswer>& answer) { settle(at, answer); }));
}

void ActionRun::settle(std::size_t at, const Result<ApiAnswer>& answer)
{
    --m_underWay;
    const std::optional<Error> error = answer ? refusalIn(*answer) : std::optional(answer.error());
    if (!error) {
        setStand(at, Stand::Done, actionDoneWord(m_items[at].item.request.action));
    } else {
        m_items[at].mayRepeat = mayRepeat(*error);
        const bool isUnknown =
            error->code == ErrorCode::Unavailable || error->code == ErrorCode::RequestTimeout;
        setStand(at, isUnknown ? Stand::Unknown : Stand::Refused, explainFailure(*error));
    }
    Q_EMIT progressed();
    sendNext();
}

void ActionRun::setStand(std::size_t at, Stand stand, QString words)
{
    m_items[at].stand = stand;
    m_items[at].words = std::move(words);
    const QModelIndex cell = index(static_cast<int>(at), ResultColumn);
    Q_EMIT dataChanged(cell, cell, {Qt::DisplayRole, Qt::ToolTipRole, StandRole});
}

int ActionRun::count(Stand stand) const
{
    return static_cast<int>(std::ranges::count(m_items, stand, &Entry::stand));
}

QString ActionRun::firstFailure() const
{
    const auto found = std::ranges::find_if(m_items,
        [](const Entry& entry) { return entry.stand == Stand::Refused || entry.stand == Stand::Unknown; });
    return found == m_items.end() ? QString() : found->words;
}

bool ActionRun::mayRepeatAny() const
{
    return std::ranges::any_of(m_items, &Entry::mayRepeat);
}

int ActionRun::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : total();
}

int ActionRun::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : columnTotal;
}

QVariant ActionRun::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Entry& entry = m_items[static_cast<std::size_t>(index.row())];
    if (role == StandRole)
        return static_cast<int>(entry.stand);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const QString text = index.column() == OrderColumn ? entry.item.externalId
        : index.column() == SituationColumn            ? entry.item.situation
                                                       : entry.words;
    return role == Qt::ToolTipRole ? plainTip(text) : text;
}

QVariant ActionRun::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case OrderColumn: return tr("Order");
    case SituationColumn: return tr("Stood when chosen");
    case ResultColumn: return tr("Result");
    default: return {};
    }
}

} // namespace gantry::console
