-- shipit: depends 0008
CREATE INDEX notes_by_written_at ON notes (written_at DESC);
