DROP INDEX notes_by_written_at;
