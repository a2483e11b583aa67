DO $$
BEGIN
    totl := 3;
END
$$;
