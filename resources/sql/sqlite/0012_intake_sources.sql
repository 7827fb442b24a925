-- SPDX-License-Identifier: GPL-3.0-or-later
-- Signed webhooks that bring orders in: who may send them, and what came of each. docs/intake.md tells more.

-- A source is the channel of its orders. Kind: 0 shopify, 1 woocommerce, 2 standard. The secrets are sealed with a key that stands in the data
-- directory beside this file, not in it. The previous one is good until previous_until. A source that was removed is disabled: what it sent stays.
CREATE TABLE intake_source (
    name TEXT PRIMARY KEY,
    kind INTEGER NOT NULL,
    secret BLOB NOT NULL,
    previous_secret BLOB,
    previous_until INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
) STRICT, WITHOUT ROWID;

-- One row a delivery, however often it was sent. Ask: 0 nothing, 1 create, 2 update, 3 cancel, 4 note. Outcome: 0 accepted, 1 known, 2 noted,
-- 3 waiting, 4 unmappable, 5 ignored, 6 expired. document: the order as it was read (canonical JSON), where there is one. body: as it came, of what a
-- person may have to look at: noted, waiting, unmappable, expired.
CREATE TABLE intake_delivery (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    external_id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    ask INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    order_id BLOB,
    problem TEXT NOT NULL,
    document TEXT,
    body TEXT
) STRICT;

CREATE UNIQUE INDEX intake_delivery_by_id ON intake_delivery (source, delivery_id);
CREATE INDEX intake_delivery_by_outcome ON intake_delivery (outcome, number);
CREATE INDEX intake_delivery_waiting ON intake_delivery (source, external_id) WHERE outcome = 3;
