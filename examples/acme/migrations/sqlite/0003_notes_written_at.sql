-- Expand: the time of a note under its new name, beside created_at, which the version that is live goes on writing.
ALTER TABLE notes ADD COLUMN written_at TIMESTAMP;

CREATE TRIGGER notes_written_at
AFTER INSERT ON notes
WHEN NEW.written_at IS NULL
BEGIN
  UPDATE notes SET written_at = NEW.created_at WHERE rowid = NEW.rowid;
END;
