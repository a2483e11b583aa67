-- shipit: contract
-- shipit: depends 0004
-- Contract: no version that is live writes or reads created_at. Notes keep their order.
DROP TRIGGER notes_written_at;
ALTER TABLE notes RENAME TO notes_before;
CREATE TABLE notes (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  tags TEXT NOT NULL DEFAULT '',
  written_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO notes (id, body, tags, written_at)
SELECT id, body, tags, written_at FROM notes_before ORDER BY rowid;
DROP TABLE notes_before;
