ALTER TABLE events DROP COLUMN outcome;
DROP TYPE event_outcome;
