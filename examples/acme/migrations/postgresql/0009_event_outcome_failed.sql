-- shipit: depends 0008
-- A new value can be used by nobody before it is committed; so what uses it is another migration.
ALTER TYPE event_outcome ADD VALUE 'failed';
