SELECT attnotnull FROM pg_attribute WHERE attrelid = 'notes'::regclass AND attname = 'written_at';
