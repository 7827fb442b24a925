-- SPDX-License-Identifier: GPL-3.0-or-later
-- People who log in: their passwords and their sessions. docs/people.md and docs/adr/0026-people-and-live-revocation.md.

-- hash: Argon2id with its parameters and salt, as libsodium writes it. must_change: 1 after an administrator has set it.
CREATE TABLE person_password (
    person TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    set_at INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    CHECK (must_change IN (0, 1))
) STRICT, WITHOUT ROWID;

-- token_hash: keyed BLAKE2b-256 of the session's token. must_change: nothing but changing the password may be done. ended_at, ended_by: once it was ended by
-- somebody; a session also ends at expires_at, and when it was not used for idle_ms. last_used_at is to the minute and written in batches.
CREATE TABLE person_session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    must_change INTEGER NOT NULL,
    peer TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    idle_ms INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    CHECK (must_change IN (0, 1) AND (ended_at IS NULL) = (ended_by IS NULL))
) STRICT;

CREATE UNIQUE INDEX person_session_by_token ON person_session (token_hash);
CREATE INDEX person_session_living ON person_session (expires_at) WHERE ended_at IS NULL;
