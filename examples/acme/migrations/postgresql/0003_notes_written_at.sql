-- Expand: the time of a note with its zone, beside created_at, which the version that is live goes on writing.
-- Servers of acme run in UTC.
ALTER TABLE notes ADD COLUMN written_at TIMESTAMPTZ;

CREATE FUNCTION notes_fill_written_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.written_at IS NULL THEN
    NEW.written_at := NEW.created_at AT TIME ZONE 'UTC';
  END IF;
  RETURN NEW;
END;
$$;

CREATE TRIGGER notes_written_at
BEFORE INSERT OR UPDATE ON notes
FOR EACH ROW EXECUTE FUNCTION notes_fill_written_at();
