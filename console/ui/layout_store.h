// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <QByteArray>
#include <QString>
#include <memory>

namespace gantry::console {

/// How the user left the window: named values in a small SQLite file of the console's own. Losing it loses no work. GUI thread.
class LayoutStore {
public:
    /// Opens or makes the file. Errors: Unavailable (no such folder, no right to write), Corrupt (not a file of ours).
    static Result<std::unique_ptr<LayoutStore>> open(const QString& path);

    /// Where the file is unless told otherwise: in the user's configuration folder, which is made if it is missing.
    static QString defaultPath();

    ~LayoutStore();
    LayoutStore(const LayoutStore&) = delete;
    LayoutStore& operator=(const LayoutStore&) = delete;

    /// The value of that name; empty if there is none.
    [[nodiscard]] QByteArray value(const QString& name) const;

    /// Keeps a value. A failure is not told: the next start looks as it did before.
    void setValue(const QString& name, const QByteArray& value);

private:
    explicit LayoutStore(QString connection);

    QString m_connection;
};

} // namespace gantry::console
