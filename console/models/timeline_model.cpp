// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/timeline_model.h"

#include <algorithm>

namespace gantry::console {

using namespace Qt::StringLiterals;

TimelineModel::TimelineModel(const Clock& clock, QObject* parent)
    : QAbstractListModel(parent)
    , m_clock(clock)
{
}

void TimelineModel::setEvents(const std::vector<Event>& events)
{
    beginResetModel();
    m_entries.clear();
    m_context = {};
    for (const Event& event : events)
        add(event);
    endResetModel();
}

void TimelineModel::add(const Event& event)
{
    m_context.take(event.body);
    m_entries.push_back({event, describeEvent(event, m_context)});
}

bool TimelineModel::append(const std::vector<Event>& events)
{
    const auto first = std::ranges::find_if(
        events, [last = lastVersion()](const Event& event) { return event.version > last; });
    if (first == events.end())
        return true;
    std::uint32_t expected = lastVersion();
    if (std::any_of(first, events.end(), [&](const Event& event) { return event.version != ++expected; }))
        return false;
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(events.end() - first) - 1);
    std::for_each(first, events.end(), [this](const Event& event) { add(event); });
    endInsertRows();
    return true;
}

std::uint32_t TimelineModel::lastVersion() const
{
    return m_entries.empty() ? 0 : m_entries.back().event.version;
}

QString TimelineModel::toPlainText() const
{
    QString text;
    for (const Entry& entry : m_entries) {
        text += exactTime(entry.event.at) + u"  "_s + toText(entry.event.actor) + u"  "_s + entry.words.title;
        if (!entry.words.detail.isEmpty())
            text += u": "_s + QString(entry.words.detail).replace(u'\n', u"; "_s);
        text += u'\n';
    }
    return text;
}

bool TimelineModel::startsGroup(std::size_t row) const
{
    const QString& group = m_entries[row].words.group;
    return !group.isEmpty() && (row == 0 || m_entries[row - 1].words.group != group);
}

QString TimelineModel::gapBefore(std::size_t row) const
{
    if (row == 0)
        return {};
    const auto gap = m_entries[row].event.at - m_entries[row - 1].event.at;
    return gap < std::chrono::seconds(1) ? QString() : ageText(gap);
}

int TimelineModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant TimelineModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const auto row = static_cast<std::size_t>(index.row());
    const auto& [event, words] = m_entries[row];
    switch (role) {
    case TitleRole: return words.title;
    case DetailRole: return words.detail;
    case ActorRole: return toText(event.actor);
    case TimeRole: return clockTime(event.at, m_clock.now());
    case Qt::ToolTipRole:
    case ExactTimeRole: return exactTime(event.at);
    case GapRole: return gapBefore(row);
    case GroupRole: return words.group;
    case StartsGroupRole: return startsGroup(row);
    case ToneRole: return static_cast<int>(words.tone);
    case IconRole: return words.icon;
    case VersionRole: return event.version;
    default: return {};
    }
}

} // namespace gantry::console
