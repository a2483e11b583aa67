DROP INDEX events_failed;
