SELECT indisvalid FROM pg_index WHERE indexrelid = 'events_failed'::regclass;
