-- SPDX-License-Identifier: GPL-3.0-or-later
-- Retries that are verified, and bulk actions: docs/bulk-actions.md.

INSERT INTO event_type (type, name) VALUES (14, 'retry_not_picked_up');

-- One action on many orders. What was asked for never changes; state to finished_at do. State: 0 freezing (its members are being written), 1 running,
-- 2 paused, 3 stopped (by failures), 4 completed, 5 canceled. stop_*: what stopped it last. round: how often it was resumed; each round
-- has a canary and counts of its own. role: of whoever asked, with which it acts. key: of the request that made it; none once it is canceled before its list was written.
CREATE TABLE bulk_action (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    step TEXT NOT NULL,
    hold_id TEXT NOT NULL,
    expires_at INTEGER,
    selection TEXT NOT NULL,
    created_by TEXT NOT NULL,
    role INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    key TEXT,
    fingerprint BLOB,
    rate INTEGER NOT NULL,
    canary INTEGER NOT NULL,
    stop_after INTEGER NOT NULL,
    total INTEGER NOT NULL,
    state INTEGER NOT NULL,
    stop_step TEXT NOT NULL,
    stop_code TEXT NOT NULL,
    stop_count INTEGER NOT NULL,
    resumed_at INTEGER,
    finished_at INTEGER,
    round INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX bulk_by_key ON bulk_action (created_by, key) WHERE key IS NOT NULL;
CREATE INDEX bulk_by_state ON bulk_action (state);

-- The orders of a bulk action: the list is frozen. version: of the order then; 0: there was no such order. version_after: once acted on. step, code: what it
-- failed at and why, or why it was refused. round: of the bulk action, in which it was sent. Result: 0 pending,
-- 1 sent (it may have been acted on), 2 running (acted on, not yet verified), 3 fixed, 4 failed_again, 5 failed_anew, 6 not_picked_up, 7 superseded, 8 done,
-- 9 changed, 10 refused, 11 skipped, 12 waiting (acted on; for a hold to end, or for a person).
CREATE TABLE bulk_member (
    bulk INTEGER NOT NULL,
    number INTEGER NOT NULL,
    order_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    result INTEGER NOT NULL,
    step TEXT,
    code TEXT,
    version_after INTEGER,
    at INTEGER,
    round INTEGER NOT NULL,
    PRIMARY KEY (bulk, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX bulk_member_by_result ON bulk_member (bulk, result, number);

-- Members by result. Maintained in the transaction that changes them.
CREATE TABLE bulk_count (
    bulk INTEGER NOT NULL,
    result INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (bulk, result)
) STRICT, WITHOUT ROWID;

-- What people did to bulk actions, and when each stopped or ended. key, fingerprint: of the person's request, so that a repeat does nothing twice.
CREATE TABLE bulk_log (
    number INTEGER PRIMARY KEY,
    bulk INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    reason TEXT NOT NULL,
    key TEXT,
    fingerprint BLOB
) STRICT;

CREATE INDEX bulk_log_by_bulk ON bulk_log (bulk, number);
