-- Expand: what became of an event; the version that is live does not know the column.
ALTER TABLE events ADD COLUMN outcome TEXT NOT NULL DEFAULT 'received' CHECK (outcome IN ('received', 'done'));
