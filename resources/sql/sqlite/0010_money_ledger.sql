-- SPDX-License-Identifier: GPL-3.0-or-later
-- The books of each order, in minor units of its currency: the sum of what its events say. Orders of before have none: 0.
ALTER TABLE order_state ADD COLUMN authorized INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_state ADD COLUMN captured INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_state ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0
    CHECK (refunded BETWEEN 0 AND captured AND captured <= authorized);

INSERT INTO event_type (type, name) VALUES (17, 'money_corrected');
