-- SPDX-License-Identifier: GPL-3.0-or-later
-- One state more, 7: compensation_failed; one performer more, 2: a clock; one kind of event more. SQLite can't change a CHECK, so the table
-- is written anew.
CREATE TABLE order_state_of_now (
    id BLOB PRIMARY KEY,
    document INTEGER NOT NULL,
    state INTEGER NOT NULL,
    step TEXT NOT NULL,
    performer INTEGER NOT NULL,
    role INTEGER NOT NULL,
    version INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    attempts_spent INTEGER NOT NULL,
    step_since INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    retry_at INTEGER,
    incident_code TEXT,
    facts TEXT,
    CHECK (state BETWEEN 0 AND 7)
) STRICT, WITHOUT ROWID;

-- A step that was being undone and failed counted as failed (3) until now; its facts say that it was being undone.
INSERT INTO order_state_of_now
SELECT id, document,
    CASE WHEN state = 3 AND json_extract(facts, '$.compensating') = 1 THEN 7 ELSE state END,
    step, performer, role, version, last_sequence, attempt, attempts_spent, step_since, updated_at, retry_at, incident_code,
    CASE WHEN state = 3 AND json_extract(facts, '$.compensating') = 1
        THEN json_set(facts, '$.state', 'compensation_failed') ELSE facts END
FROM order_state;

DROP TABLE order_state;
ALTER TABLE order_state_of_now RENAME TO order_state;
CREATE INDEX order_by_state ON order_state (state);

INSERT INTO event_type (type, name) VALUES (13, 'approval_given');

INSERT OR IGNORE INTO counter (name, value) VALUES ('state/failed', 0), ('state/compensation_failed', 0);
UPDATE counter SET value = (SELECT count(*) FROM order_state WHERE state = 3) WHERE name = 'state/failed';
UPDATE counter SET value = (SELECT count(*) FROM order_state WHERE state = 7) WHERE name = 'state/compensation_failed';
