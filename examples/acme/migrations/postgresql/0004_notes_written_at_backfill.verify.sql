SELECT count(*) = 0 FROM notes WHERE written_at IS NULL;
