-- A value cannot be dropped, so the type is made anew; fails, and changes nothing, while an event has failed.
ALTER TYPE event_outcome RENAME TO event_outcome_before;
CREATE TYPE event_outcome AS ENUM ('received', 'done');
ALTER TABLE events ALTER COLUMN outcome DROP DEFAULT;
ALTER TABLE events ALTER COLUMN outcome TYPE event_outcome USING outcome::text::event_outcome;
ALTER TABLE events ALTER COLUMN outcome SET DEFAULT 'received';
DROP TYPE event_outcome_before;
