SELECT count(*) = 1 FROM sqlite_master WHERE type = 'index' AND name = 'events_failed';
