-- SPDX-License-Identifier: GPL-3.0-or-later
-- An order may go on by another definition of its workflow. order_document keeps what it came in under; what it goes by stands in `facts`.
INSERT INTO event_type (type, name) VALUES (15, 'workflow_migrated');
