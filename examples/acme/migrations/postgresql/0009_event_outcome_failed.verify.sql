SELECT count(*) = 1 FROM pg_enum WHERE enumtypid = 'event_outcome'::regtype AND enumlabel = 'failed';
