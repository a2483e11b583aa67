DROP TRIGGER notes_written_at ON notes;
DROP FUNCTION notes_fill_written_at();
ALTER TABLE notes DROP COLUMN written_at;
