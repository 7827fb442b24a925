-- SPDX-License-Identifier: GPL-3.0-or-later
-- Workflow definitions, and which channel's new orders go by which.

-- Definitions as they were written, TOML. A row is never changed: orders stand on it.
CREATE TABLE workflow (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    stored_at INTEGER NOT NULL,
    stored_by TEXT NOT NULL,
    PRIMARY KEY (name, version),
    CHECK (version > 0)
) STRICT, WITHOUT ROWID;

-- Which channel's new orders go by which definition since when: the last row of a channel holds. Channel '' is every one without a row of its
-- own. A row without a name gives the choice up again.
CREATE TABLE workflow_activation (
    number INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    name TEXT,
    version INTEGER,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL
) STRICT;
