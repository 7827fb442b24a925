-- SPDX-License-Identifier: GPL-3.0-or-later
-- The steps of its workflow that an order passes by, joined by commas. NULL, as in every order of before: none.
ALTER TABLE order_document ADD COLUMN skipped_steps TEXT;
