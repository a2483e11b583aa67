ALTER TABLE notes ADD COLUMN created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP;
UPDATE notes SET created_at = written_at AT TIME ZONE 'UTC' WHERE true;
ALTER TABLE notes ALTER COLUMN created_at SET NOT NULL;
ALTER TABLE notes ALTER COLUMN written_at DROP DEFAULT;

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
