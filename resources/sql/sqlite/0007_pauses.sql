-- SPDX-License-Identifier: GPL-3.0-or-later
-- What nothing is handed out of: steps, tasks, channels and workers that a person has paused.

-- One row a pause, kept when it has ended: who paused what and why, and who let it go on and why. Only the end of a row is ever written again, once.
CREATE TABLE pause (
    number INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    name TEXT NOT NULL,
    since INTEGER NOT NULL,
    paused_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    ended_at INTEGER,
    ended_by TEXT,
    end_reason TEXT,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL))
) STRICT;

-- One pause at a time for each thing that can be paused.
CREATE UNIQUE INDEX pause_holding ON pause (scope, name) WHERE ended_at IS NULL;
