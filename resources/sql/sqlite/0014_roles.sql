-- SPDX-License-Identifier: GPL-3.0-or-later
-- Custom roles, and who holds them: docs/adr/0025-roles-as-a-table.md.

-- What a custom role became at one time, and who did it; only ever added to. A role is its last version; definition: JSON, NULL: deleted.
CREATE TABLE role_version (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    definition TEXT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- The name of a custom role; NULL: the built-in one of the column role. With a custom role that column is the least, viewer.
ALTER TABLE principal ADD COLUMN custom_role TEXT;
ALTER TABLE bulk_action ADD COLUMN custom_role TEXT;
