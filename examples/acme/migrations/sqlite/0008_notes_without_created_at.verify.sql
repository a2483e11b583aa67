SELECT count(*) = 0 FROM sqlite_master WHERE type = 'trigger';
SELECT written_at FROM notes WHERE false;
