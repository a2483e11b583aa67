-- Nothing to take back: the column may stay filled until 0003 is taken back.
SELECT 'written_at stays filled' AS said;
