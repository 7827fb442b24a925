-- SPDX-License-Identifier: GPL-3.0-or-later
-- Who may come in, with which keys, and what was done to them: docs/adr/0020-principals-and-keys.md. The one kind of key of before becomes two rows.

-- Kind: 0 person, 1 service. Role: 0 viewer, 1 warehouse, 2 support, 3 admin. A row is never deleted: records name it.
CREATE TABLE principal_of_now (
    name TEXT PRIMARY KEY,
    kind INTEGER NOT NULL,
    role INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    disabled_at INTEGER,
    CHECK (kind BETWEEN 0 AND 1 AND role BETWEEN 0 AND 3)
) STRICT, WITHOUT ROWID;

-- Kind: 0 api, 1 curve. material: of an API key its keyed BLAKE2b-256, of a CURVE key the public one as Z85; whatever becomes of a key, no
-- other row gets the same. last_used_at is to the minute and written in batches.
CREATE TABLE principal_key (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    principal TEXT NOT NULL,
    kind INTEGER NOT NULL,
    material BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER,
    CHECK (kind BETWEEN 0 AND 1)
) STRICT;

CREATE UNIQUE INDEX principal_key_by_material ON principal_key (material);
CREATE INDEX principal_key_by_principal ON principal_key (principal, id);

INSERT INTO principal_of_now (name, kind, role, created_at, created_by, expires_at)
SELECT name, CASE WHEN name = 'admin' THEN 0 ELSE 1 END, role, created_at, 'system', expires_at FROM principal;
INSERT INTO principal_key (principal, kind, material, created_at)
SELECT name, 0, key_hash, created_at FROM principal WHERE length(key_hash) > 0;
INSERT INTO principal_key (principal, kind, material, created_at)
SELECT name, 1, CAST(curve_key AS BLOB), created_at FROM principal WHERE length(curve_key) > 0;

DROP TABLE principal;
ALTER TABLE principal_of_now RENAME TO principal;

-- Every act on the tables above, written in its transaction; only ever added to. idempotency_key, fingerprint: of the request, so that a repeat does nothing twice.
CREATE TABLE principal_log (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    principal TEXT NOT NULL,
    key INTEGER,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reason TEXT NOT NULL,
    idempotency_key TEXT,
    fingerprint BLOB
) STRICT;

CREATE INDEX principal_log_by_key ON principal_log (actor, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX principal_log_by_principal ON principal_log (principal, number);
