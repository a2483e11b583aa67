SELECT count(*) = 0 FROM pg_attribute WHERE attrelid = 'notes'::regclass AND attname = 'created_at';
SELECT count(*) = 0 FROM pg_trigger WHERE tgrelid = 'notes'::regclass;
