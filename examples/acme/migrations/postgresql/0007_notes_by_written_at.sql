-- shipit: solo
-- shipit: depends 0006
CREATE INDEX CONCURRENTLY notes_by_written_at ON notes (written_at DESC);
