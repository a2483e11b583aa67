ALTER TABLE events DROP COLUMN outcome;
