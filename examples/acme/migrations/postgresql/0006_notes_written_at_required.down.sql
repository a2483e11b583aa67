ALTER TABLE notes ADD CONSTRAINT notes_written_at_known CHECK (written_at IS NOT NULL) NOT VALID;
ALTER TABLE notes ALTER COLUMN written_at DROP NOT NULL;
