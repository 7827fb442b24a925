-- SPDX-License-Identifier: GPL-3.0-or-later
-- The embedded store, first version. docs/storage.md tells why it is laid out like this. Times are milliseconds since 1970, UTC.
-- Never edit a released file: add the next number.

-- Who owns the orders of which slots, and how far the log goes. Updated first in every batch.
CREATE TABLE partition (
    partition INTEGER PRIMARY KEY,
    first_slot INTEGER NOT NULL,
    last_slot INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    CHECK (first_slot BETWEEN 0 AND last_slot AND last_slot <= 1023)
) STRICT;

INSERT INTO partition (partition, first_slot, last_slot, epoch, sequence) VALUES (0, 0, 1023, 0, 0);

-- What never changes of an order: written once, in the sequence of arrival.
CREATE TABLE order_document (
    document INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    channel TEXT NOT NULL,
    external_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    customer_name TEXT NOT NULL,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL,
    line_count INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    promise_at INTEGER,
    created_at INTEGER NOT NULL,
    workflow TEXT NOT NULL,
    workflow_version INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX order_by_external_id ON order_document (external_id, channel);
CREATE INDEX order_by_channel ON order_document (channel, id);

-- What changes of an order: a small row. `facts` is the whole order as JSON for those that have more to say (holds, an incident,
-- a compensation), else NULL. State: 0 received, 1 running, 2 waiting, 3 failed, 4 compensating, 5 completed, 6 canceled. Performer:
-- 0 machine, 1 person. Role: 0 viewer, 1 warehouse, 2 support, 3 admin.
CREATE TABLE order_state (
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
    CHECK (state BETWEEN 0 AND 6)
) STRICT, WITHOUT ROWID;

CREATE INDEX order_by_state ON order_state (state);

-- The log. position = partition * 2^44 + sequence, so that one integer key orders each partition by itself. `previous` is the sequence of the
-- same order's event before, 0 for the first: an order's history is a chain that begins at order_state.last_sequence. order_received
-- carries its first step alone; its summary stands in order_document.
CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    order_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    previous INTEGER NOT NULL,
    type INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    data TEXT
) STRICT;

CREATE TABLE event_type (
    type INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

INSERT INTO event_type (type, name) VALUES
    (1, 'order_received'), (2, 'step_completed'), (3, 'step_failed'), (4, 'retry_due'), (5, 'step_retried'),
    (6, 'step_overridden'), (7, 'hold_placed'), (8, 'hold_released'), (9, 'cancel_requested'),
    (10, 'step_compensated'), (11, 'order_completed'), (12, 'order_canceled');

CREATE TABLE stock (
    sku TEXT PRIMARY KEY,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    CHECK (reserved >= 0 AND reserved <= on_hand)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservation (
    order_id BLOB NOT NULL,
    sku TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku),
    CHECK (quantity > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    order_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

-- `state/NAME`: orders in that state. `step/NAME`: open orders at that step. Maintained in the transaction that changes them.
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE principal (
    name TEXT PRIMARY KEY,
    role INTEGER NOT NULL,
    key_hash BLOB NOT NULL,
    curve_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;
