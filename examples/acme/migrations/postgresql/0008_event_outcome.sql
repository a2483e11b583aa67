-- Expand: what became of an event; the version that is live does not know the column.
CREATE TYPE event_outcome AS ENUM ('received', 'done');
ALTER TABLE events ADD COLUMN outcome event_outcome NOT NULL DEFAULT 'received';
