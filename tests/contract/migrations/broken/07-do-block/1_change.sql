DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT id FROM users LOOP
        UPDATE users ST name = 'é' WHERE id = one.id;
    END LOOP;
END
$$;
