SELECT count(*) = 1 FROM pg_constraint WHERE conrelid = 'notes'::regclass AND conname = 'notes_written_at_known';
