SELECT indisvalid FROM pg_index WHERE indexrelid = 'notes_by_written_at'::regclass;
