SELECT count(*) = 0 FROM events WHERE outcome IS NULL;
