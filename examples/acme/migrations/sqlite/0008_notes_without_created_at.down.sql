-- The table's text is what ADD COLUMN made of it in 0003.
ALTER TABLE notes RENAME TO notes_after;
CREATE TABLE notes (
  id TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  tags TEXT NOT NULL DEFAULT '',
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
, written_at TIMESTAMP);
INSERT INTO notes (id, body, tags, created_at, written_at)
SELECT id, body, tags, written_at, written_at FROM notes_after ORDER BY rowid;
DROP TABLE notes_after;

CREATE TRIGGER notes_written_at
AFTER INSERT ON notes
WHEN NEW.written_at IS NULL
BEGIN
  UPDATE notes SET written_at = NEW.created_at WHERE rowid = NEW.rowid;
END;
