-- shipit: depends 0006
CREATE INDEX events_failed ON events (received_at) WHERE outcome = 'failed';
