SELECT count(*) = 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'notes_written_at';
SELECT written_at FROM notes WHERE false;
