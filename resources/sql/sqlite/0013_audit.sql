-- SPDX-License-Identifier: GPL-3.0-or-later
-- What principals have done: docs/audit.md, docs/adr/0023-audit-record.md.

-- position = partition * 2^44 + sequence, as in the log. key: the id of the actor's key, 0 if it is not known. Door: 0 http, 1 zeromq, 2 bulk.
-- reason and salt are NULL once the reason was erased; reason_digest holds what the hash was made over. Nothing else of a row ever changes.
CREATE TABLE audit_entry (
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    key INTEGER NOT NULL,
    door INTEGER NOT NULL,
    peer TEXT NOT NULL,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    reason TEXT,
    salt BLOB,
    reason_digest BLOB NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    CHECK (door BETWEEN 0 AND 2)
) STRICT;

CREATE INDEX audit_by_actor ON audit_entry (actor);
CREATE INDEX audit_by_action ON audit_entry (action);
CREATE INDEX audit_by_target ON audit_entry (target);

-- Of each partition's chain: the first entry that is kept with the hash before it, and the last with its own. A row comes with the first entry.
CREATE TABLE audit_chain (
    partition INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    anchor BLOB NOT NULL,
    last INTEGER NOT NULL,
    head BLOB NOT NULL,
    CHECK (first BETWEEN 1 AND last + 1)
) STRICT;
