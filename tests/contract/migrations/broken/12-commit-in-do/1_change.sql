CREATE TABLE marks (id bigint);
DO $$
BEGIN
    INSERT INTO marks VALUES (1);
    COMMIT;
END
$$;
