-- shipit: depends 0005
-- SQLite changes a constraint only with its table; the rows are copied, and none is lost.
ALTER TABLE events RENAME TO events_before;
CREATE TABLE events (
  delivery TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  received_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  outcome TEXT NOT NULL DEFAULT 'received' CHECK (outcome IN ('received', 'done', 'failed'))
);
INSERT INTO events (delivery, kind, payload, received_at, outcome)
SELECT delivery, kind, payload, received_at, outcome FROM events_before ORDER BY rowid;
DROP TABLE events_before;
