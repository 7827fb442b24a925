-- SPDX-License-Identifier: GPL-3.0-or-later
-- Search by words. Follows order_document a little behind: the writer adds what is missing between batches, and readers look through the
-- rest themselves. rowid = order_document.document. The words are folded before they come here, so the plainest tokenizer does.

CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', columnsize = 0, detail = none, tokenize = 'ascii', prefix = '1 2 3 4'
);

-- One row: the last document that is in the index.
CREATE TABLE search_progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    document INTEGER NOT NULL
) STRICT;

INSERT INTO search_progress (id, document) VALUES (1, 0);
