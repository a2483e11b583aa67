SELECT count(*) = 1 FROM pg_trigger WHERE tgrelid = 'notes'::regclass AND tgname = 'notes_written_at' AND tgenabled = 'O';
SELECT written_at FROM notes WHERE false;
