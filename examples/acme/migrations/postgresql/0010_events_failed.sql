-- shipit: solo
-- shipit: depends 0009
CREATE INDEX CONCURRENTLY events_failed ON events (received_at) WHERE outcome = 'failed';
