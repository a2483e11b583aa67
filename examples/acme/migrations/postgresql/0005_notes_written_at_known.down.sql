ALTER TABLE notes DROP CONSTRAINT notes_written_at_known;
