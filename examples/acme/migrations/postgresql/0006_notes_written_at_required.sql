-- shipit: depends 0005
-- SET NOT NULL need not read the table when a valid constraint says the same.
ALTER TABLE notes VALIDATE CONSTRAINT notes_written_at_known;
ALTER TABLE notes ALTER COLUMN written_at SET NOT NULL;
ALTER TABLE notes DROP CONSTRAINT notes_written_at_known;
