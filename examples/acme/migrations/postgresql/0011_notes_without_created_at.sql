-- shipit: contract
-- shipit: depends 0006
-- Contract: no version that is live writes or reads created_at.
DROP TRIGGER notes_written_at ON notes;
DROP FUNCTION notes_fill_written_at();
ALTER TABLE notes ALTER COLUMN written_at SET DEFAULT now();
ALTER TABLE notes DROP COLUMN created_at;
