-- shipit: depends 0004
-- From here on no note is without its time; those that are there are read in 0006, while everybody works.
ALTER TABLE notes ADD CONSTRAINT notes_written_at_known CHECK (written_at IS NOT NULL) NOT VALID;
