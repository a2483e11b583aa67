-- shipit: depends 0003
-- shipit: idempotent
-- Backfill: notes from before the trigger.
UPDATE notes SET written_at = created_at AT TIME ZONE 'UTC' WHERE written_at IS NULL;
