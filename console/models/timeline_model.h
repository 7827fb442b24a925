// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/event_words.h"
#include "shared/domain/event.h"
#include "shared/util/clock.h"

#include <QAbstractListModel>
#include <vector>

namespace gantry::console {

/// The history of one order, oldest first, in plain words and grouped by attempts.
class TimelineModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Roles : int {
        TitleRole = Qt::DisplayRole,
        DetailRole = Qt::UserRole + 1,
        ActorRole,
        TimeRole, ///< time of day, with the date when it is not today
        ExactTimeRole,
        GapRole, ///< how long after the event before; empty for the first and under a second
        GroupRole, ///< the attempt that it belongs to, or empty
        StartsGroupRole, ///< bool: the first of its attempt
        ToneRole, ///< int of Tone
        IconRole,
        VersionRole,
    };

    /// `clock` must outlive the model.
    explicit TimelineModel(const Clock& clock, QObject* parent = nullptr);

    /// Forgets what was shown and shows these events, versions gap-free from 1.
    void setEvents(const std::vector<Event>& events);

    /// Adds what is new. False, and nothing is changed, when there is a gap: read the events after lastVersion() and try again. Events that
    /// are there already are skipped.
    bool append(const std::vector<Event>& events);

    /// The version of the last event; 0 when there is none.
    [[nodiscard]] std::uint32_t lastVersion() const;

    /// The whole history as text, for the clipboard.
    [[nodiscard]] QString toPlainText() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    struct Entry {
        Event event;
        EventWords words;
    };
    void add(const Event& event);
    [[nodiscard]] bool startsGroup(std::size_t row) const;
    [[nodiscard]] QString gapBefore(std::size_t row) const;

    const Clock& m_clock;
    std::vector<Entry> m_entries;
    EventContext m_context; ///< as of the last event
};

} // namespace gantry::console
