-- SPDX-License-Identifier: GPL-3.0-or-later
-- Stock by SKU and warehouse, each change of it a movement that stays: docs/storage.md.

INSERT INTO event_type (type, name) VALUES (16, 'reservation_expired');

-- Orders are served from the lowest rank first, then by name.
CREATE TABLE warehouse (
    name TEXT PRIMARY KEY,
    rank INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO warehouse (name, rank) VALUES ('main', 0);

ALTER TABLE stock RENAME TO stock_of_before;
ALTER TABLE reservation RENAME TO reservation_of_before;

CREATE TABLE stock (
    sku TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    PRIMARY KEY (sku, warehouse),
    CHECK (reserved >= 0 AND reserved <= on_hand)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservation (
    order_id BLOB NOT NULL,
    sku TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (order_id, sku, warehouse),
    CHECK (quantity > 0)
) STRICT, WITHOUT ROWID;

-- What was done to `stock`: only ever added to. By SKU and warehouse, the sums of the changes are the row. Kind: 0 opening (was there before this table), 1 counted,
-- 2 received, 3 adjusted, 4 moved, 5 reserved, 6 released, 7 consumed, 8 expired. order_id: whose reservation it was. reason: a person's.
CREATE TABLE stock_movement (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    sku TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    on_hand_change INTEGER NOT NULL,
    reserved_change INTEGER NOT NULL,
    order_id BLOB,
    actor TEXT NOT NULL,
    reason TEXT
) STRICT;

CREATE INDEX stock_movement_by_sku ON stock_movement (sku);

-- Keys of requests that changed stock, so that a repeat does nothing twice.
CREATE TABLE stock_key (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;

INSERT INTO stock (sku, warehouse, on_hand, reserved)
    SELECT sku, 'main', on_hand, reserved FROM stock_of_before;
INSERT INTO reservation (order_id, sku, warehouse, quantity)
    SELECT order_id, sku, 'main', quantity FROM reservation_of_before;
INSERT INTO stock_movement (at, kind, sku, warehouse, on_hand_change, reserved_change, actor)
    SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000, 0, sku, 'main', on_hand, reserved, 'system'
    FROM stock_of_before ORDER BY sku;

DROP TABLE stock_of_before;
DROP TABLE reservation_of_before;
