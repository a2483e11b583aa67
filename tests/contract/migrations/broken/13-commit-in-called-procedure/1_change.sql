CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$
BEGIN
    COMMIT;
END
$$;
CALL fill();
