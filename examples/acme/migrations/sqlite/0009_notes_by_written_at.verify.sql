SELECT count(*) = 1 FROM sqlite_master WHERE type = 'index' AND name = 'notes_by_written_at';
